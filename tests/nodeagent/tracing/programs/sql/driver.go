package main

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
)

// Driver answers every query with one row, but those of the table `missing`.
type Driver struct{}

// Refused is what the database says of a query that it does not take.
type Refused struct{ query string }

func (r *Refused) Error() string { return "refused: " + r.query }

func check(query string) error {
	if strings.Contains(query, "missing") {
		return &Refused{query}
	}
	return nil
}

func (*Driver) Open(string) (driver.Conn, error) { return &conn{}, nil }

type conn struct{}

func (*conn) Close() error              { return nil }
func (*conn) Begin() (driver.Tx, error) { return tx{}, nil }

func (*conn) Prepare(query string) (driver.Stmt, error) {
	return &statement{query}, check(query)
}

func (*conn) QueryContext(_ context.Context, query string, _ []driver.NamedValue) (driver.Rows, error) {
	if strings.Contains(query, "prepared") {
		return nil, driver.ErrSkip // then it is prepared and asked, within the one call
	}
	return &rows{}, check(query)
}

func (*conn) ExecContext(_ context.Context, query string, _ []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(1), check(query)
}

type tx struct{}

func (tx) Commit() error   { return nil }
func (tx) Rollback() error { return errors.New("no longer there") }

type statement struct{ query string }

func (*statement) Close() error  { return nil }
func (*statement) NumInput() int { return -1 }

func (s *statement) Exec([]driver.Value) (driver.Result, error) {
	return driver.RowsAffected(1), check(s.query)
}

func (s *statement) Query([]driver.Value) (driver.Rows, error) { return &rows{}, check(s.query) }

type rows struct{ done bool }

func (*rows) Columns() []string { return []string{"name"} }
func (*rows) Close() error      { return nil }

func (r *rows) Next(values []driver.Value) error {
	if r.done {
		return io.EOF
	}
	r.done = true
	values[0] = "a name"
	return nil
}
