// Rpc is traced by the tests: it serves gRPC and makes the calls that its standard input asks for, each
// line one of them:
//
//	<to whom> <method> <what> <traceparent, or ->
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

type text = wrapperspb.StringValue

const service = "shop.Stock"

// started tells the caller that a handler waits: what is cancelled has to be under way.
var started = make(chan struct{})

// connections to ourselves, and to nobody.
var connections = map[string]*grpc.ClientConn{}

// answer does what a call asks for.
func answer(ctx context.Context, what string) (string, error) {
	verb, value, _ := strings.Cut(what, ":")
	switch verb {
	case "code":
		code, _ := strconv.Atoi(value)
		return "", status.Error(codes.Code(code), what)
	case "plain":
		return "", errors.New(what)
	case "panic":
		panic(what)
	case "wait":
		started <- struct{}{}
		<-ctx.Done()
		return "", status.FromContextError(ctx.Err()).Err()
	case "ignore": // that the caller has gone
		started <- struct{}{}
		<-ctx.Done()
	case "relay":
		return call(ctx, "server", "Get", value)
	case "fork": // on another goroutine
		done := make(chan error)
		go func() {
			_, err := call(ctx, "server", "Get", value)
			done <- err
		}()
		return what, <-done
	}
	return what, nil
}

func get(_ any, ctx context.Context, decode func(any) error, chain grpc.UnaryServerInterceptor) (any, error) {
	in := new(text)
	if err := decode(in); err != nil {
		return nil, err
	}
	info := &grpc.UnaryServerInfo{FullMethod: "/" + service + "/Get"}
	return chain(ctx, in, info, func(ctx context.Context, _ any) (any, error) {
		out, err := answer(ctx, in.Value)
		return wrapperspb.String(out), err
	})
}

func recovering(ctx context.Context, in any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (out any, err error) {
	defer func() {
		if recover() != nil {
			err = status.Error(codes.Internal, "panic")
		}
	}()
	return next(ctx, in)
}

// list answers one message with three.
func list(_ any, stream grpc.ServerStream) error {
	in := new(text)
	if err := stream.RecvMsg(in); err != nil {
		return err
	}
	for i := 0; i < 3; i++ {
		if err := stream.SendMsg(in); err != nil {
			return err
		}
	}
	_, err := answer(stream.Context(), in.Value)
	return err
}

// put answers all messages with one.
func put(_ any, stream grpc.ServerStream) error {
	in := new(text)
	for {
		err := stream.RecvMsg(in)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if _, err := answer(stream.Context(), in.Value); err != nil {
		return err
	}
	return stream.SendMsg(in)
}

// chat answers each message.
func chat(_ any, stream grpc.ServerStream) error {
	in := new(text)
	for {
		err := stream.RecvMsg(in)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := answer(stream.Context(), in.Value); err != nil {
			return err
		}
		if err := stream.SendMsg(in); err != nil {
			return err
		}
	}
}

var description = grpc.ServiceDesc{
	ServiceName: service,
	HandlerType: (*any)(nil),
	Methods:     []grpc.MethodDesc{{MethodName: "Get", Handler: get}},
	Streams: []grpc.StreamDesc{
		{StreamName: "List", Handler: list, ServerStreams: true},
		{StreamName: "Put", Handler: put, ClientStreams: true},
		{StreamName: "Chat", Handler: chat, ServerStreams: true, ClientStreams: true},
	},
}

// streams are the kinds of calls that a client has.
var streams = map[string]*grpc.StreamDesc{
	"List": {StreamName: "List", ServerStreams: true},
	"Put":  {StreamName: "Put", ClientStreams: true},
	"Chat": {StreamName: "Chat", ServerStreams: true, ClientStreams: true},
}

// call makes a call of any kind.
func call(ctx context.Context, to, method, what string) (string, error) {
	full := "/" + service + "/" + method
	out := new(text)
	if desc, ok := streams[method]; ok {
		return what, converse(ctx, connections[to], desc, full, wrapperspb.String(what), out)
	}
	err := connections[to].Invoke(ctx, full, wrapperspb.String(what), out)
	return out.Value, err
}

func converse(ctx context.Context, to *grpc.ClientConn, desc *grpc.StreamDesc, full string, in, out *text) error {
	stream, err := to.NewStream(ctx, desc, full)
	if err != nil {
		return err
	}
	if err := stream.SendMsg(in); err != nil && err != io.EOF {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	for {
		err := stream.RecvMsg(out)
		if err == io.EOF {
			return nil
		}
		if err != nil || !desc.ServerStreams {
			return err
		}
	}
}

// late is a context whose deadline is over when it is cancelled, as those see it that are made of it.
type late struct{ context.Context }

func (late) Value(any) any { return nil }

func (c late) Err() error {
	if c.Context.Err() == nil {
		return nil
	}
	return context.DeadlineExceeded
}

// ask makes the call that a line asks for. Where the handler waits, the caller gives up then: `cancel`,
// `late`, or `lose` with the connection.
func ask(to, method, what, parent string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	switch what {
	case "late":
		ctx = late{ctx}
		fallthrough
	case "cancel":
		what = "wait"
		go func() {
			<-started
			cancel()
		}()
	case "lose":
		what = "ignore"
		connections["lost"] = dial(connections["server"].Target())
		to = "lost"
		go func() {
			<-started
			connections["lost"].Close()
		}()
	}
	if own := strings.TrimPrefix(parent, "own="); own != parent { // as who traces himself has it
		ctx = metadata.NewOutgoingContext(ctx, metadata.Pairs("traceparent", own))
	} else if parent != "-" {
		ctx = metadata.AppendToOutgoingContext(ctx, "traceparent", parent)
	}
	_, err := call(ctx, to, method, what)
	return err
}

// again has calls made up to three times.
const again = `{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.01s",
	"maxBackoff": "0.01s", "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`

func dial(target string, options ...grpc.DialOption) *grpc.ClientConn {
	options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))
	connection, err := grpc.Dial(target, options...)
	if err != nil {
		panic(err)
	}
	return connection
}

// listen returns a listener and the connection to it.
func listen() (net.Listener, *grpc.ClientConn) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return listener, dial("passthrough:///" + listener.Addr().String())
}

func main() {
	var listener net.Listener
	// One goroutine for one call after the other; calls at the same time have goroutines of their own.
	server := grpc.NewServer(grpc.UnaryInterceptor(recovering), grpc.NumStreamWorkers(1))
	server.RegisterService(&description, struct{}{})
	listener, connections["server"] = listen()
	go server.Serve(listener)
	connections["again"] = dial(connections["server"].Target(), grpc.WithDefaultServiceConfig(again))
	fmt.Println(listener.Addr())

	listener, connections["web"] = listen()
	go serveWeb(listener, server)

	listener, connections["nobody"] = listen()
	listener.Close()

	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		words := strings.Fields(lines.Text())
		fmt.Println(status.Code(ask(words[0], words[1], words[2], words[3])))
	}
}
