package shop

func run() {
	a.b.c.d(x).e(y, "z").f
	a.b(x).c.d
	T{x, "y"}
	db.query /* why */ .run(x)
	f(xs...)
	g(func(x int) int { return x })
	f[int](x)
	pkg.F[int, string](x, y)
	m[k][j](x)
	[]byte(s)
	map[string]int(x)
	(*T)(x)
	make([]map[string]any, 0, n)
	new(pkg.T)
	x.(T).y()
	(a)
	&a.b
	*p
	-1
	-x
	+x
	^x
	!f(a, b)
	!a && b
	s[1:2]
	s[:n]
	s[n:]
	s[:]
	s[a:b:c]
	a + b*c - d
	a + b + c
	a && b && c || d
	a - b - c
	a << 2 &^ b
	a == b[c]
	/* here */ f( /* there */ a)
	log.Info().
		Str("k", v).
		Msg("done")
}
