package shop

func run() {
	x := 1
	var y, z = 2, 3
	a, b := f()
	a, b = b, a
	a, n := x, y
	list[i].next, head = head, list[i].next
	list[i], list[j] = list[j], list[i]
	u.name, _ = g(u), 1
	v, ok := m[k]
	w, _ := any.(*T)
	w, ok = f().(T)
	msg, open := <-ch
	x += 2
	x &^= y
	i++
	list[i]--
	ch <- x
	<-done

	for i := 0; i < 10; i++ {
		work(i)
	}
	for k, v := range m {
		use(k, v)
	}
	for _, v := range list {
		use(v)
	}
	for i = range 10 {
	}
	for range ticks {
		break
	}
	for ready() {
		continue
	}
outer:
	for {
		switch {
		case done:
			break outer
		case late:
			if x {
				break
			}
			work()
			break
		}
		goto end
	}
	{
		nested()
	}
end:
	return
}
