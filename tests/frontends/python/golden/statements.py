if a:
    f()
elif b:
    g()
else:
    h()
for i, x in enumerate(xs):
    continue
else:
    done()
while True:
    break
while a < b:
    pass
try:
    f()
except (ValueError, TypeError) as error:
    g(error)
except OSError:
    raise
except* KeyError:
    raise Wrong() from None
else:
    h()
finally:
    i()
with open(a) as b, lock:
    f(b)
with (open(a) as b, open(c) as d):
    f(b, d)
assert x, "message"
global g
match command.split():
    case ["go", direction] | ["move", direction]:
        go(direction)
    case {"kind": "x", **rest} if rest:
        f(rest)
    case Point(x=0, y=y) as point:
        f(point)
    case "a" | 1 | None:
        g()
    case Color.RED:
        h()
    case _:
        i()
