package main

import (
	"bufio"
	stdbytes "bytes"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// The upper half of the trace IDs that requests name.
const mark = 0x5350414e484f4f4b

// exchange is a request and all that its answer must be.
type exchange struct {
	method, path string
	send         []byte
	status       int
	want         []byte
	sum          string // the trailer
	raw          bool   // the connection is not one for requests any longer
	unsampled    bool
	inner        int // requests that the server sends to itself
}

func got(path string, status int, want []byte) exchange {
	return exchange{method: "GET", path: path, status: status, want: want}
}

var sizes = []int{0, 1, 100, 4096, 70_000, 2, 10_000, 600}

// What the soak's requests are, one after the other.
const kinds = 20

var mixture = [kinds]func(serial int) exchange{
	sized, coded, streamed, sized, panicked, sized, echoed, deepened, coded, collected,
	sized, fanned, hijacked, sized, streamed, unsampled, coded, called, aborted, sized,
}

func sized(serial int) exchange {
	size := sizes[serial/kinds%len(sizes)]
	if serial%(1000*kinds) == 0 {
		size = longest
	}
	return got(fmt.Sprint("/bytes/", size), 200, content(serial, size))
}

func unsampled(serial int) exchange {
	one := sized(serial)
	one.unsampled = true
	return one
}

func coded(serial int) exchange {
	codes := []int{201, 204, 400, 404, 418, 500, 503}
	code := codes[serial/kinds%len(codes)]
	one := got(fmt.Sprint("/status/", code), code, content(serial, 32))
	if code == 204 {
		one.want = nil
	}
	return one
}

func streamed(serial int) exchange {
	chunks := serial/kinds%20 + 1
	one := got(fmt.Sprint("/stream/", chunks), 200, content(serial, 100*chunks))
	one.sum = fmt.Sprint(fold(one.want))
	return one
}

func panicked(serial int) exchange {
	return got("/panic/1", 500, fmt.Append(nil, "recovered ", serial))
}

func echoed(serial int) exchange {
	bytes := content(serial, sizes[serial/kinds%len(sizes)])
	return exchange{method: "POST", path: "/echo/1", send: bytes, status: 200, want: bytes}
}

func deepened(serial int) exchange {
	depth := serial / kinds % 800
	return got(fmt.Sprint("/deep/", depth), 200, fmt.Append(nil, depth*(depth+1)/2))
}

func collected(serial int) exchange {
	return got("/garbage/100000", 200, fmt.Append(nil, fold(content(serial, 64))))
}

func fanned(serial int) exchange {
	count, sum := serial/kinds%8+1, 0
	for one := range count {
		sum += one * 8 * (one*8 + 1) / 2
	}
	return got(fmt.Sprint("/fan/", count), 200, fmt.Append(nil, sum))
}

func called(serial int) exchange {
	one := got("/call/300", 200, content(serial, 300))
	one.inner = 1
	return one
}

func hijacked(serial int) exchange {
	one := got("/hijack/200", 101, content(serial, 200))
	one.raw = true
	return one
}

func aborted(serial int) exchange {
	one := got("/abort/1", 0, nil)
	one.raw = true
	return one
}

// Outcome is what was sent, by what the spans of it must be, and which answers were not as they must be.
type Outcome struct {
	Requests  int      `json:"requests"`
	Marked    int      `json:"marked"`    // sampled and with a parent
	Unmarked  int      `json:"unmarked"`  // without
	Inner     int      `json:"inner"`     // that the server sent to itself: a span of each side
	Unsampled int      `json:"unsampled"` // have no span
	Wrong     int      `json:"wrong"`
	Complaint []string `json:"complaints"`
	Seconds   float64  `json:"seconds"`
}

type soaking struct {
	plain, secure string
	http1, http2  *http.Client
	next          atomic.Int64
	lock          sync.Mutex
	outcome       Outcome
}

// soak sends the mixture, half of it over HTTP/2, and compares every answer with what it must be.
func soak(arguments []string) {
	flags := flag.NewFlagSet("soak", flag.ExitOnError)
	requests := flags.Int("requests", 1000, "")
	rate := flags.Float64("rate", 5000, "how many a second, at most")
	workers := flags.Int("workers", 16, "")
	s := &soaking{http1: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
		http2: &http.Client{Transport: &http.Transport{
			ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}}
	flags.StringVar(&s.plain, "plain", "", "address")
	flags.StringVar(&s.secure, "secure", "", "address")
	flags.Parse(arguments)

	started := time.Now()
	var wait sync.WaitGroup
	for worker := range *workers {
		wait.Go(func() {
			for {
				serial := int(s.next.Add(1))
				if serial > *requests {
					return
				}
				time.Sleep(time.Until(started.Add(time.Duration(float64(serial) / *rate * 1e9))))
				s.one(serial, worker%2 == 1)
			}
		})
	}
	wait.Wait()
	s.outcome.Seconds = time.Since(started).Seconds()
	say(s.outcome)
}

func (s *soaking) one(serial int, second bool) {
	wanted := mixture[serial%kinds](serial)
	parent := ""
	if wanted.unsampled || serial%3 != 0 {
		flags := "01"
		if wanted.unsampled {
			flags = "00"
		}
		parent = fmt.Sprintf("00-%016x%016x-%016x-%s", uint64(mark), serial, serial, flags)
	}
	var err error
	if wanted.raw {
		err = s.raw(wanted, serial, parent)
	} else {
		err = s.ask(wanted, serial, parent, second)
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.outcome.Requests++
	s.outcome.Inner += wanted.inner
	switch {
	case wanted.unsampled:
		s.outcome.Unsampled++
	case parent != "":
		s.outcome.Marked++
	default:
		s.outcome.Unmarked++
	}
	if err != nil {
		s.outcome.Wrong++
		if len(s.outcome.Complaint) < 10 {
			s.outcome.Complaint = append(s.outcome.Complaint, fmt.Sprintf("%d %s: %s", serial, wanted.path, err))
		}
	}
}

func (s *soaking) ask(wanted exchange, serial int, parent string, second bool) error {
	url, client, version := "http://"+s.plain, s.http1, 1
	if second {
		url, client, version = "https://"+s.secure, s.http2, 2
	}
	request, err := http.NewRequest(wanted.method, url+wanted.path, stdbytes.NewReader(wanted.send))
	if err != nil {
		return err
	}
	request.Header.Set("Serial", fmt.Sprint(serial))
	if parent != "" {
		request.Header.Set("Traceparent", parent)
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.ProtoMajor != version {
		return errors.New(answer.Proto)
	}
	return wanted.compare(answer, body)
}

func (e exchange) compare(answer *http.Response, body []byte) error {
	if answer.StatusCode != e.status {
		return fmt.Errorf("status %d: %.100q", answer.StatusCode, body)
	}
	if !stdbytes.Equal(body, e.want) {
		return fmt.Errorf("%d bytes of %d, or others: %.100q", len(body), len(e.want), body)
	}
	if sum := answer.Trailer.Get("Sum"); sum != e.sum {
		return fmt.Errorf("trailer %q", sum)
	}
	return nil
}

// raw is for answers after which the connection is closed: a client would ask again.
func (s *soaking) raw(wanted exchange, serial int, parent string) error {
	one, err := net.Dial("tcp", s.plain)
	if err != nil {
		return err
	}
	defer one.Close()
	head := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nSerial: %d\r\n", wanted.path, s.plain, serial)
	if parent != "" {
		head += "Traceparent: " + parent + "\r\n"
	}
	if _, err := io.WriteString(one, head+"\r\n"); err != nil {
		return err
	}
	if wanted.status == 0 {
		if all, _ := io.ReadAll(one); len(all) > 0 {
			return fmt.Errorf("an answer: %.100q", all)
		}
		return nil
	}
	reader := bufio.NewReader(one)
	answer, err := http.ReadResponse(reader, nil)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(reader)
	if err != nil {
		return err
	}
	return wanted.compare(answer, body)
}
