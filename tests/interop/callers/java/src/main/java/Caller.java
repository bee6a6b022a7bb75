import com.chatgate.v1.ChatServiceGrpc;
import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.ErrorInfo;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Calls what standard input asks for, with Java's stubs: tests/interop/README.md. */
public final class Caller {
  private static final JsonFormat.Printer JSON =
      JsonFormat.printer().omittingInsignificantWhitespace();

  public static void main(String[] arguments) throws Exception {
    ManagedChannel channel =
        ManagedChannelBuilder.forTarget(System.getenv("CHATGATE_SERVER")).usePlaintext().build();
    Metadata metadata = new Metadata();
    metadata.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + System.getenv("CHATGATE_TOKEN"));
    var stub =
        ChatServiceGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Struct.Builder asked = Struct.newBuilder();
      JsonFormat.parser().merge(line, asked);
      String rpc = asked.getFieldsOrThrow("rpc").getStringValue();
      String request = JSON.print(asked.getFieldsOrThrow("request"));
      out.println(ask(stub.withDeadlineAfter(30, TimeUnit.SECONDS), rpc, request));
    }
    channel.shutdownNow();
  }

  private static String ask(ChatServiceGrpc.ChatServiceBlockingStub stub, String rpc, String json)
      throws Exception {
    String name = Character.toLowerCase(rpc.charAt(0)) + rpc.substring(1);
    Class<?> type = Class.forName("com.chatgate.v1." + rpc + "Request");
    var request = (Message.Builder) type.getMethod("newBuilder").invoke(null);
    JsonFormat.parser().merge(json, request);
    Method method = stub.getClass().getMethod(name, type);
    try {
      return "{\"ok\": " + JSON.print((Message) method.invoke(stub, request.build())) + "}";
    } catch (InvocationTargetException thrown) {
      if (thrown.getCause() instanceof StatusRuntimeException error) return refusal(error);
      throw thrown;
    }
  }

  private static String refusal(StatusRuntimeException error) throws Exception {
    String reason = "";
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    for (Any detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) reason = detail.unpack(ErrorInfo.class).getReason();
    }
    return JSON.print(
        Struct.newBuilder()
            .putFields("code", text(error.getStatus().getCode().name()))
            .putFields("reason", text(reason)));
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }

  private Caller() {}
}
