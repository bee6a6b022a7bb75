// Command chats lists chats, answers one, and follows what happens in all of them.
//
//	go run . list
//	go run . reply CONVERSATION TEXT
//	go run . follow CURSOR_FILE
//
// The gateway is CHATGATE_SERVER (default 127.0.0.1:50051), its token CHATGATE_TOKEN.
package main

//go:generate protoc -I ../../proto --go_out=. --go_opt=module=github.com/chatgate/chatgate --go-grpc_out=. --go-grpc_opt=module=github.com/chatgate/chatgate chatgate/v1/options.proto chatgate/v1/resources.proto chatgate/v1/events.proto chatgate/v1/chat_service.proto

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	chatgatev1 "chatgate-example/gen/chatgate/v1"
)

const (
	patience   = 2 * time.Minute  // How long a reply may wait for the budget, or the gateway.
	silenceMax = 45 * time.Second // The gateway speaks every 15 seconds.
	// Before a stream is opened again; doubled in between.
	waitMin = 200 * time.Millisecond
	waitMax = 30 * time.Second
)

// bearer adds the caller's token to every call.
type bearer string

func (token bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(token)}, nil
}

// RequireTransportSecurity is true for a gateway on TLS.
func (bearer) RequireTransportSecurity() bool { return false }

func connect() (*grpc.ClientConn, error) {
	server := os.Getenv("CHATGATE_SERVER")
	if server == "" {
		server = "127.0.0.1:50051"
	}
	// Else a gateway that was away for a while is not asked for two minutes.
	reconnect := backoff.DefaultConfig
	reconnect.MaxDelay = 5 * time.Second
	return grpc.NewClient(server,
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: reconnect, MinConnectTimeout: 5 * time.Second}),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(bearer(os.Getenv("CHATGATE_TOKEN"))),
		// Finds a dead connection under a silent stream.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 20 * time.Second}))
}

// listConversations hands every conversation to handle, page by page.
func listConversations(ctx context.Context, client chatgatev1.ChatServiceClient,
	handle func(*chatgatev1.Conversation)) error {
	yes := true
	request := &chatgatev1.ListConversationsRequest{IncludeNotAssigned: &yes, PageSize: 50}
	for {
		page, err := client.ListConversations(ctx, request)
		if err != nil {
			return err
		}
		for _, conversation := range page.Conversations {
			handle(conversation)
		}
		if page.NextPageToken == "" {
			return nil
		}
		request.PageToken = page.NextPageToken
	}
}

// askedDelay is how long the gateway asks to wait, in `grpc-status-details-bin`, and whether
// it does.
func askedDelay(err error) (time.Duration, bool) {
	for _, detail := range status.Convert(err).Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			return retry.GetRetryDelay().AsDuration(), true
		}
	}
	return 0, false
}

// retryDelay is how long to wait before the same call is sent again, and whether that can
// help.
func retryDelay(err error) (time.Duration, bool) {
	if delay, ok := askedDelay(err); ok {
		return delay, true
	}
	switch status.Code(err) {
	// Nobody answered, or not in time, as while the gateway restarts; it could not ask.
	case codes.Unavailable, codes.DeadlineExceeded, codes.Aborted:
		return time.Second, true
	}
	return 0, false
}

// reply answers once, however often it has to ask: the request id stays the same.
func reply(ctx context.Context, client chatgatev1.ChatServiceClient,
	conversation uint64, body string) (*chatgatev1.ConversationPart, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	deadline, _ := ctx.Deadline()
	request := &chatgatev1.ReplyToConversationRequest{
		ConversationId: conversation, Body: body, RequestId: uuid.NewString()}
	for {
		attempt, cancelAttempt := context.WithTimeout(ctx, 10*time.Second)
		response, err := client.ReplyToConversation(attempt, request)
		cancelAttempt()
		if err == nil {
			return response.Part, nil
		}
		delay, ok := retryDelay(err)
		if !ok || time.Now().Add(delay).After(deadline) {
			return nil, err
		}
		fmt.Fprintf(os.Stderr, "%v: again in %v\n", status.Code(err), delay)
		time.Sleep(delay)
	}
}

// final says that opening the stream again cannot help.
func final(err error) bool {
	switch status.Code(err) {
	case codes.InvalidArgument, codes.Unauthenticated, codes.PermissionDenied,
		codes.FailedPrecondition, codes.OutOfRange, codes.Unimplemented, codes.DataLoss:
		return true
	}
	return false
}

// follow hands every event to handle, from where it stopped last time, for ever.
func follow(ctx context.Context, client chatgatev1.ChatServiceClient, cursorFile string,
	handle func(*chatgatev1.Event)) error {
	saved, err := os.ReadFile(cursorFile)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	cursor := strings.TrimSpace(string(saved))
	wait := waitMin // Where the gateway names none.
	for {
		reconnect, err := readStream(ctx, client, &cursor, cursorFile, func(event *chatgatev1.Event) {
			handle(event)
			wait = waitMin
		})
		if err != io.EOF {
			if _, fromGateway := status.FromError(err); !fromGateway || final(err) {
				return err
			}
			fmt.Fprintln(os.Stderr, err)
		}
		if reconnect != nil {
			time.Sleep(reconnect.Delay.AsDuration())
		} else if delay, ok := askedDelay(err); ok {
			time.Sleep(delay)
		} else {
			// Not everybody at once.
			time.Sleep(wait/2 + time.Duration(rand.Int63n(int64(wait/2))))
			if wait *= 2; wait > waitMax {
				wait = waitMax
			}
		}
	}
}

// readStream reads one stream to its end, which is io.EOF where the gateway ends it well,
// with what it says of coming again.
func readStream(ctx context.Context, client chatgatev1.ChatServiceClient, cursor *string,
	cursorFile string, handle func(*chatgatev1.Event)) (*chatgatev1.Reconnect, error) {
	request := &chatgatev1.SubscribeRequest{Cursor: *cursor}
	if *cursor == "" {
		request.Start = chatgatev1.Start_START_EARLIEST
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(silenceMax, cancel)
	defer silence.Stop()
	stream, err := client.Subscribe(ctx, request)
	if err != nil {
		return nil, err
	}
	var reconnect *chatgatev1.Reconnect
	for {
		response, err := stream.Recv()
		if err != nil {
			return reconnect, err
		}
		silence.Reset(silenceMax)
		if gap := response.Gap; gap != nil {
			fmt.Fprintf(os.Stderr, "events %d to %d are gone\n", gap.FirstSeq, gap.LastSeq)
		}
		for _, event := range response.Events {
			handle(event)
		}
		if response.Cursor != "" {
			*cursor = response.Cursor // Moves in heartbeats, too.
			if err := save(cursorFile, *cursor); err != nil {
				return nil, err
			}
		}
		if response.Reconnect != nil {
			reconnect = response.Reconnect
		}
	}
}

// save leaves either the old text in the file or the new one, never half of it.
func save(path, text string) error {
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func printEvent(event *chatgatev1.Event) {
	body := event.GetDashlyConversation().GetConversation().GetBody()
	fmt.Println(event.Seq, event.Conversation, body)
}

func run(arguments []string) error {
	connection, err := connect()
	if err != nil {
		return err
	}
	defer connection.Close()
	client := chatgatev1.NewChatServiceClient(connection)
	ctx := context.Background()
	switch {
	case len(arguments) == 1 && arguments[0] == "list":
		return listConversations(ctx, client, func(conversation *chatgatev1.Conversation) {
			fmt.Println(conversation.Id, conversation.GetPartLast().GetBody())
		})
	case len(arguments) == 3 && arguments[0] == "reply":
		conversation, err := strconv.ParseUint(arguments[1], 10, 64)
		if err != nil {
			return err
		}
		part, err := reply(ctx, client, conversation, arguments[2])
		if err == nil {
			fmt.Println("part", part.GetId())
		}
		return err
	case len(arguments) == 2 && arguments[0] == "follow":
		return follow(ctx, client, arguments[1], printEvent)
	}
	return errors.New("usage: chats list | reply CONVERSATION TEXT | follow CURSOR_FILE")
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
