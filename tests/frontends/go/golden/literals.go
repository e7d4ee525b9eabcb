package shop

var values = []any{
	0x1F, 0b101, 0o17, 017, 1_000, 1.5, .5e3, 0x1p-2, 3i, 18446744073709551616,
	"plain", "tab\tquote\"\x41\u00e9\101", `raw \n
text`, 'a', '\n', '\'', nil, true, false, "é",
}

var (
	a = T{}
	b = &pkg.T{A: x, B: "y"}
	c = T{1, 2}
	d = []*T{{A: 1}, {2}, 5: {}}
	e = [...]string{"a", "b"}
	f = map[string]T{"k": {A: 1}, name: {}}
	g = map[Point][]int{{1, 2}: {3}}
	h = bson.M{"a": x, "b": bson.M{"c": 1}}
	i = bson.D{{"a", x}, {Key: "b", Value: y}}
	j = gin.H{"error": err.Error(), key(): 1}
	k = []struct{ N int }{{N: 1}, {2}}
	l = struct{ A int }{A: 1}
	m = Box[int]{V: 1}
	q = []pkg.T{{A: 1}}
	r = []Box[int]{{V: 1}}
	n = [][]int{{1}, {2, 3}}
	o = T{
		// named
		Name: f(x), // said
		Run: func() {
			go1()
		},
	}
	p = http.Header{http.CanonicalHeaderKey("a"): {"b"}}
)
