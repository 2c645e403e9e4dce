package a

import (
	"database/sql"
	"net"
	"net/http"
)

type Request struct {
	Path string
	Raw  *http.Request
}

type Service interface {
	Plain(h http.Header) error
	Serve(w http.ResponseWriter, path string) // want `Serve: ResponseWriter \(http.ResponseWriter\): in one process .*, across a process`
	Handle(r Request) error                   // want `Handle: Request.Raw \(http.Request\)`
	Dial(addr string) (net.Conn, error)       // want `Dial: Conn \(net.Conn\)`
	Use(db *sql.DB)                           // want `Use: DB \(sql.DB\)`
}
