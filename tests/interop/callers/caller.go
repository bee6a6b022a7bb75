// Command caller calls what standard input asks for, with Go's stubs:
// tests/interop/README.md.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"reflect"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	chatgatev1 "chatgate-example/gen/chatgate/v1"
)

type question struct {
	RPC     string          `json:"rpc"`
	Request json.RawMessage `json:"request"`
}

type answer struct {
	OK     json.RawMessage `json:"ok,omitempty"`
	Code   string          `json:"code,omitempty"`
	Reason string          `json:"reason,omitempty"`
}

func refused(err error) answer {
	result := answer{Code: code.Code(status.Code(err)).String()}
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			result.Reason = info.GetReason()
		}
	}
	return result
}

// ask calls the client's method of that name, whose second parameter is the request.
func ask(ctx context.Context, client chatgatev1.ChatServiceClient, asked question) (answer, error) {
	method := reflect.ValueOf(client).MethodByName(asked.RPC)
	request := reflect.New(method.Type().In(1).Elem())
	if err := protojson.Unmarshal(asked.Request, request.Interface().(proto.Message)); err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx), request})
	if err, _ := results[1].Interface().(error); err != nil {
		return refused(err), nil
	}
	response, err := protojson.Marshal(results[0].Interface().(proto.Message))
	return answer{OK: response}, err
}

func main() {
	connection, err := grpc.NewClient(os.Getenv("CHATGATE_SERVER"),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	client := chatgatev1.NewChatServiceClient(connection)
	ctx := metadata.AppendToOutgoingContext(context.Background(),
		"authorization", "Bearer "+os.Getenv("CHATGATE_TOKEN"))
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			log.Fatal(err)
		}
		result, err := ask(ctx, client, asked)
		if err != nil {
			log.Fatal(err)
		}
		text, err := json.Marshal(result)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(text))
	}
}
