package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const long = 30 * time.Second

// ways to send a request from a handler; each answers with what became of it.
var ways = map[string]func(r *http.Request, url string) string{
	"context": func(r *http.Request, url string) string { return send(r.Context(), client, r, url) },
	"plain": func(_ *http.Request, url string) string {
		answer, err := http.Get(url)
		return told(answer, err)
	},
	"value": func(r *http.Request, url string) string {
		type key struct{}
		return send(context.WithValue(r.Context(), key{}, 1), client, r, url)
	},
	"deadline": func(r *http.Request, url string) string {
		ctx, cancel := context.WithTimeout(r.Context(), long)
		defer cancel()
		return send(ctx, client, r, url)
	},
	"limited": func(r *http.Request, url string) string {
		limited := &http.Client{Transport: client.Transport, Timeout: long}
		return send(r.Context(), limited, r, url)
	},
	"goroutine": func(r *http.Request, url string) string {
		return <-begun(func() string { return send(r.Context(), client, r, url) })
	},
	"deep": func(r *http.Request, url string) string {
		ctx := r.Context()
		for i := 0; i < 50; i++ {
			ctx = context.WithValue(ctx, i, i)
		}
		return <-begun(func() string { return send(ctx, client, r, url) })
	},
	"fan": func(r *http.Request, url string) string {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		one := begun(func() string { return send(ctx, client, r, url) })
		other := begun(func() string { return send(ctx, client, r, url) })
		return <-one + " " + <-other
	},
	"detached": func(r *http.Request, url string) string {
		return <-begun(func() string { return send(context.Background(), client, r, url) })
	},
	"late": func(r *http.Request, url string) string {
		ctx, cancel := context.WithTimeout(r.Context(), time.Millisecond)
		defer cancel()
		return send(ctx, client, r, url)
	},
}

// begun runs on a goroutine of its own.
func begun(work func() string) <-chan string {
	done := make(chan string)
	go func() { done <- work() }()
	return done
}

// send adds the traceparent that it is asked for.
func send(ctx context.Context, sender *http.Client, r *http.Request, url string) string {
	request, err := http.NewRequestWithContext(ctx, r.Method, url, nil)
	if err != nil {
		return err.Error()
	}
	if value := r.URL.Query().Get("traceparent"); value != "" {
		request.Header.Set("Traceparent", value)
	}
	return told(sender.Do(request))
}

func told(answer *http.Response, err error) string {
	if err != nil {
		return "failed"
	}
	answer.Body.Close()
	return fmt.Sprint(answer.StatusCode)
}

// call sends a request: /call/WAY?to=URL.
func call(w http.ResponseWriter, r *http.Request) {
	way := ways[strings.TrimPrefix(r.URL.Path, "/call/")]
	fmt.Fprint(w, way(r, r.URL.Query().Get("to")))
}

func redirect(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
}
