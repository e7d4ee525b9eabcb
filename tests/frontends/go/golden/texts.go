package shop

import (
	"fmt"
	f "fmt"
	"strings"
)

func run() {
	_ = "a" + b + "c" + d()
	_ = a + b + "c"
	_ = "a" + "b"
	_ = "a" + (b + "c")
	_ = '0' + n
	_ = "x=" + string(n+'a')
	_ = fmt.Sprintf("id=%d name=%s %q %5.2f %v %t 100%%", id, name, q, f, v, ok)
	_ = fmt.Sprintf("%[2]s %[1]x %s", a, b)
	_ = fmt.Sprintf("%*d|%.*f", width, n, prec, x)
	_ = fmt.Sprintf("%s %s", one)
	_ = fmt.Sprintf("plain", extra)
	_ = fmt.Sprintf("SELECT * FROM "+table+" WHERE %s", x)
	_ = fmt.Sprintf("a"+"%s", "lit"+x)
	_ = fmt.Sprintf("%s", args...)
	_ = fmt.Sprintf(format, x)
	_ = f.Sprint("a", 1, x)
	_ = fmt.Sprintln("a", x)
	_ = fmt.Errorf("no %s", x)
	_ = other.Sprintf("%s", x)
	_ = strings.Join([]string{a, "b", c}, ", ")
	_ = strings.Join(parts, ",")
	_ = "100%" + `
raw`
}
