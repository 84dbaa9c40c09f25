// Asks a container runtime to open a container's log file anew, as the kubelet does when it rotates one.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

const patience = 10 * time.Second

func reopen(socket, container string) error {
	connection, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request := &runtime.ReopenContainerLogRequest{ContainerId: container}
	_, err = runtime.NewRuntimeServiceClient(connection).ReopenContainerLog(ctx, request)
	return err
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: reopen-log SOCKET CONTAINER")
		os.Exit(2)
	}
	if err := reopen(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
