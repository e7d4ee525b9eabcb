package shop

func run() error {
	if x {
	}
	if x {
		a()
	} else {
		b()
	}
	if v := f(); v {
		a()
	}
	if err := f(); err != nil {
		return err
	} else if v, ok := m[k]; ok && !v.done {
		return nil
	} else {
		g()
	}
	switch n := f(); n.kind {
	case 1, 2:
		a()
		fallthrough
	default:
		b()
	case "x":
	}
	switch {
	case x > 1 || y:
		a()
	}
	switch f() {
	}
	switch v := x.(type) {
	case nil:
		a(v)
	case *T, []int:
		b(v)
	default:
		c(v)
	}
	switch y := f(); y.(type) {
	case error:
		a()
	}
	select {
	case v := <-in:
		use(v)
	case v, ok := <-in:
		use(v, ok)
	case <-ctx.Done():
		return ctx.Err()
	case out <- v:
	default:
	}
	return nil
}
