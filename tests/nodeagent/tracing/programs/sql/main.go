// Sql is traced by the tests: a server whose handlers ask a database, by a driver of its own, or by the
// driver and for the database that it is told.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

type call func(ctx context.Context, db *sql.DB, query string) error

func query(ctx context.Context, db *sql.DB, text string) error {
	rows, err := db.QueryContext(ctx, text)
	if err == nil {
		rows.Close()
	}
	return err
}

func row(ctx context.Context, db *sql.DB, text string) error {
	var name string
	return db.QueryRowContext(ctx, text).Scan(&name)
}

func exec(ctx context.Context, db *sql.DB, text string) error {
	_, err := db.ExecContext(ctx, text)
	return err
}

// without asks with a context that leads nowhere.
func without(_ context.Context, db *sql.DB, text string) error {
	return query(context.Background(), db, text)
}

// elsewhere asks on another goroutine.
func elsewhere(ctx context.Context, db *sql.DB, text string) error {
	ctx, cancel := context.WithCancel(context.WithValue(ctx, "key", "value"))
	defer cancel()
	answer := make(chan error)
	go func() { answer <- query(ctx, db, text) }()
	return <-answer
}

func prepared(ctx context.Context, db *sql.DB, text string) error {
	statement, err := db.PrepareContext(ctx, text)
	if err != nil {
		return err
	}
	defer statement.Close()
	if _, err := statement.ExecContext(ctx); err != nil {
		return err
	}
	rows, err := statement.QueryContext(ctx)
	if err == nil {
		rows.Close()
	}
	return err
}

func transaction(ctx context.Context, db *sql.DB, text string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // which does nothing
	if _, err := tx.ExecContext(ctx, text); err != nil {
		return err
	}
	return tx.Commit()
}

func rollback(ctx context.Context, db *sql.DB, _ string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	return tx.Rollback()
}

func held(ctx context.Context, db *sql.DB, text string) error {
	connection, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer connection.Close()
	_, err = connection.ExecContext(ctx, text)
	return err
}

func main() {
	sql.Register("test", &Driver{})
	name, source := "test", ""
	if len(os.Args) > 2 {
		name, source = os.Args[1], os.Args[2]
	}
	db, err := sql.Open(name, source)
	if err != nil {
		panic(err)
	}
	for path, ask := range map[string]call{
		"/query": query, "/row": row, "/exec": exec, "/without": without, "/elsewhere": elsewhere,
		"/prepared": prepared, "/transaction": transaction, "/rollback": rollback, "/held": held,
	} {
		ask := ask
		http.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			text, _ := io.ReadAll(r.Body)
			fmt.Fprint(w, ask(r.Context(), db, string(text)))
		})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr(), "-")
	panic(http.Serve(listener, nil))
}
