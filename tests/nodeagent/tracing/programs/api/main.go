// Api is traced by the tests: a server whose handlers make spans of their own, with the OpenTelemetry API
// and without an SDK.
package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

var tracer = otel.Tracer("shop/basket")

// nest makes spans in each other; the innermost asks a database.
func nest(ctx context.Context) {
	ctx, outer := tracer.Start(ctx, "outer")
	defer outer.End()
	for _, name := range []string{"first", "second"} {
		ctx, inner := tracer.Start(ctx, name)
		rows, err := db.QueryContext(ctx, "SELECT name FROM "+name)
		if err == nil {
			rows.Close()
		}
		inner.End()
	}
}

// describe tells all that can be told of a span.
func describe(ctx context.Context) {
	ctx, span := tracer.Start(ctx, "described", trace.WithSpanKind(trace.SpanKindProducer),
		trace.WithAttributes(attribute.String("given", "at the start")))
	span.SetAttributes(attribute.Int("items", -7), attribute.Bool("paid", true),
		attribute.Float64("price", 2.5), attribute.StringSlice("names", []string{"a list"}))
	trace.SpanFromContext(ctx).SetAttributes(attribute.String("by", "the context"))
	span.SetName("renamed")
	span.RecordError(errors.New("of a kind"))
	span.SetStatus(codes.Error, "it failed")
	span.End()
	span.SetAttributes(attribute.String("too", "late"))
	span.End()
}

// elsewhere ends a span on another goroutine, where another one begins.
func elsewhere(ctx context.Context) {
	ctx, span := tracer.Start(ctx, "handed on")
	done := make(chan struct{})
	go func() {
		_, within := tracer.Start(context.WithValue(ctx, "key", "value"), "elsewhere")
		within.End()
		span.End()
		close(done)
	}()
	<-done
}

// many has more to say than there is room for.
func many(ctx context.Context) {
	_, span := tracer.Start(ctx, strings.Repeat("n", 300))
	for i := 0; i < 40; i++ {
		span.SetAttributes(attribute.String(fmt.Sprintf("key.%02d", i), strings.Repeat("v", 300)))
	}
	span.SetStatus(codes.Ok, "")
	span.End()
}

// forget makes spans that never end.
func forget(ctx context.Context) {
	for i := 0; i < 10; i++ {
		tracer.Start(ctx, "forgotten")
	}
}

// delegate makes spans of somebody else: what an SDK does when it is set up.
func delegate(ctx context.Context) {
	otel.SetTracerProvider(trace.NewNoopTracerProvider())
	nest(ctx)
}

var db *sql.DB

type driverOf struct{}

// Conn refuses every query.
type Conn struct{}

func (driverOf) Open(string) (driver.Conn, error) { return Conn{}, nil }

func (Conn) Prepare(string) (driver.Stmt, error) { return nil, errors.New("refused") }
func (Conn) Close() error                        { return nil }
func (Conn) Begin() (driver.Tx, error)           { return nil, errors.New("refused") }

func main() {
	sql.Register("test", driverOf{})
	db, _ = sql.Open("test", "")
	for path, work := range map[string]func(context.Context){
		"/nest": nest, "/describe": describe, "/elsewhere": elsewhere, "/many": many, "/forget": forget,
		"/delegate": delegate,
	} {
		work := work
		http.HandleFunc(path, func(_ http.ResponseWriter, r *http.Request) { work(r.Context()) })
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr(), "-")
	panic(http.Serve(listener, nil))
}
