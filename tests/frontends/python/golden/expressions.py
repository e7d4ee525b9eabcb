x = a.b.c
x = a[0], a["k"], a[1:2], a[:, 1], a[...]
x = f(1, *args, key=value, **options)
x = f(y for y in ys)
x = [y for y in ys if y if y > 1 for z in y]
x = {y: z for y, z in pairs}
x = {y for y in ys}
x = {"a": 1, **rest, b: 2}
x = (1, 2)
x = {1, 2}
x = a < b < c
x = a is not None and b not in c or not d
x = a if b else c
x = lambda a, *b, c=1, **d: a
x = (n := 10)
x = -1, +a, ~b, 0x1F, 1_000, 1.5e3, 2j, None, True, False, ...
x = a // b**c @ d
x = await g()
x = __import__("os")
x: int = 1
y: "Session"
x += 1
a = b = c
a, (b, *c) = d
del a, b
print(x)
