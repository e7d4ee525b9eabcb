//go:build linux

// Package shop sells things.
package shop

import "fmt"

import (
	_ "github.com/lib/pq"
	. "math"
	"net/http"

	echo "github.com/labstack/echo"
	"github.com/jackc/pgx/v5"
	"github.com/mattn/go-sqlite3"
	"gopkg.in/yaml.v3"
	`strings` // raw
)
