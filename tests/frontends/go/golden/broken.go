package shop

func good() { ok(1) }

func bad( {
	db.Query("SELECT " + x)
	if {
	}
	y := f(a b, "c")
}

type T struct {
	A int B
}

var z = [ 1, 2

func tail() { return ok( }
