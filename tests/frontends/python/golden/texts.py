a = "plain"
b = 'it\'s "escaped" \n \x41 \u00e9 \N{BULLET}'
c = r"\d+\n"
d = b"\x00bytes"
e = f"a{x}b{y!r}c{z:>10}d{n:d}e{w:.2f}{{}}"
f = f"nested {f'in {x}'} and {d['key']}"
g = f"left right {x}"
h = "select %s from %(t)s where a = %d and 100%%" % (x, y, z)
i = "%(name)s" % {"name": value}
j = "%s" % value
k = "{} and {name} and {0}".format(x, name=y)
m = "{".format(x)
n = ", ".join(["a", b, "c"])
o = ", ".join(names)
p = "a" + x + "b" + str(y)
q = x + y
r = """two
lines"""
s = t"template {x}"
