package shop

func nothing()

func Sum(a, b int, rest ...float64) float64 { return 0 }

func unnamed(int, *pkg.T, ...string) {}

func (s *Store[K, V]) Find(ctx context.Context, _ int) (user *User, n, m int, err error) {
	if s.db == nil {
		return
	}
	func() (err error) {
		return
	}()
	return s.db, 1, 2, nil
}

func (Store) Plain() (ok bool) { return }

func Map[T, U any](xs []T, f func(T) U) []U {
	go func(n int) { f(xs[n]) }(0)
	defer s.mu.Unlock()
	return Apply[T](xs, f)
}
