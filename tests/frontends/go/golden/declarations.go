package shop

const limit = 10

const (
	first Kind = iota
	second
	third
	a, b = iota, "x"
	c, d
	e = 1 << (10 * iota)
	f
)

var (
	db    *sql.DB
	x, y  int = 1, 2
	p, q      = pair()
	table     = map[string]int{}
)

type (
	ID    int64
	Alias = map[string][]byte
	Check func(w http.ResponseWriter, ids ...int) (bool, error)
	Set[T comparable] map[T]struct{}
)

type User struct {
	gorm.Model
	*Base
	Page[int]
	ID, Age   int               `json:"id" gorm:"primaryKey"`
	Name      string            "json:\"name\""
	Tags      map[string][]*Tag // none
	Done      chan<- error
	inner     struct{ a [4]byte }
	Hook      func()
	Anything  interface{}
}

type Store interface {
	io.Closer
	~int | ~string
	Find(ctx context.Context, id int) (*User, error)
	Len() int
}
