#include "server/config/config.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kApp[] = "apps { id: 777 embedded {} }\n";

class ConfigTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::Config> Load(absl::string_view text,
                                  const ConfigOverrides& overrides = {}) {
    return LoadConfig(dir_.Write("gateway.conf", text), overrides);
  }

  // The problems of a file, without its name.
  std::vector<std::string> ProblemsOf(absl::string_view text,
                                      const ConfigOverrides& overrides = {}) {
    const absl::Status status = Load(text, overrides).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument)) << text;
    return absl::StrSplit(
        absl::StrReplaceAll(
            status.message(),
            {{absl::StrCat(dir_.path(), "/gateway.conf:"), ""}}),
        "; ");
  }

  TempDir dir_;
};

TEST_F(ConfigTest, DefaultsAreFilledIn) {
  ASSERT_OK_AND_ASSIGN(const v1::Config config, Load(kApp));
  EXPECT_EQ(config.grpc().listen(), "127.0.0.1:50051");
  EXPECT_EQ(config.http().listen(), "127.0.0.1:8080");
  EXPECT_EQ(config.http().connections_max(), 256);
  EXPECT_EQ(config.http().body_bytes_max(), 1 << 20);
  EXPECT_EQ(config.http().request_timeout_ms(), 10'000);
  EXPECT_EQ(config.data_dir(), "data");
}

TEST_F(ConfigTest, SecretsComeFromTheEnvironmentFilesAndTheTextItself) {
  dir_.Write("webhook.token", "  from-file\n");
  setenv("CHATGATE_TEST_TOKEN", "from-env", 1);
  ASSERT_OK_AND_ASSIGN(const v1::Config config, Load(R"pb(
                         apps {
                           id: 777
                           api_token { env: "CHATGATE_TEST_TOKEN" }
                           webhook_token { file: "webhook.token" }
                           chatlio_secret { value: "from-value" }
                           embedded {}
                         }
                       )pb"));
  EXPECT_EQ(config.apps(0).api_token().value(), "from-env");
  EXPECT_EQ(config.apps(0).webhook_token().value(), "from-file");
  EXPECT_EQ(config.apps(0).chatlio_secret().value(), "from-value");
}

TEST_F(ConfigTest, FlagsOverrideTheFile) {
  ASSERT_OK_AND_ASSIGN(
      const v1::Config config,
      Load(absl::StrCat("grpc { listen: \"127.0.0.1:1\" }\n", kApp),
           {.grpc_listen = "127.0.0.1:2",
            .http_listen = "[::1]:3",
            .data_dir = "elsewhere"}));
  EXPECT_EQ(config.grpc().listen(), "127.0.0.1:2");
  EXPECT_EQ(config.http().listen(), "[::1]:3");
  EXPECT_EQ(config.data_dir(), "elsewhere");
}

TEST_F(ConfigTest, AFlagThatOpensTheListenerIsRefusedByItsName) {
  EXPECT_THAT(ProblemsOf(kApp, {.grpc_listen = "0.0.0.0:1"})[0],
              StartsWith("--grpc_listen: `0.0.0.0:1` is not loopback"));
  EXPECT_THAT(ProblemsOf(kApp, {.http_listen = "nonsense"})[0],
              StartsWith("--http_listen: `nonsense` is no HOST:PORT"));
}

TEST_F(ConfigTest, InsecureOpensAListener) {
  EXPECT_THAT(
      Load(absl::StrCat("grpc { listen: \"0.0.0.0:1\" insecure: true }",
                        "http { listen: \"0.0.0.0:2\" insecure: true }", kApp)),
      IsOk());
}

TEST_F(ConfigTest, TlsOpensTheGrpcListener) {
  dir_.Write("cert.pem", "certificate");
  dir_.Write("key.pem", "key");
  ASSERT_OK_AND_ASSIGN(
      const v1::Config config,
      Load(absl::StrCat("grpc { listen: \"0.0.0.0:1\" tls { cert_file: "
                        "\"cert.pem\" key_file: \"key.pem\" } }",
                        kApp)));
  EXPECT_EQ(config.grpc().tls().cert_file(),
            absl::StrCat(dir_.path(), "/cert.pem"));
}

TEST_F(ConfigTest, AMissingFileIsNamed) {
  EXPECT_THAT(LoadConfig(dir_.File("missing.conf")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("missing.conf")));
}

TEST_F(ConfigTest, EveryProblemIsTold) {
  EXPECT_THAT(ProblemsOf("apps { embedded {} }\ncallers {}"), SizeIs(4));
}

TEST_F(ConfigTest, ManyProblemsAreCutShort) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "apps {}\n";
  EXPECT_THAT(ProblemsOf(text), SizeIs(10));
}

TEST_F(ConfigTest, ASecretIsNeverPartOfAProblem) {
  const std::vector<std::string> problems = ProblemsOf(R"pb(
    apps {
      id: 1
      webhook_token { value: "hush-hush" }
      embedded {}
    }
    apps {
      id: 2
      webhook_token { value: "hush-hush" }
      embedded {}
    }
  )pb");
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_THAT(problems[0], ::testing::Not(HasSubstr("hush")));
}

struct BadFile {
  const char* text;
  const char* problem;  // The first one, from its line on.
};

class BadFileTest : public ConfigTest,
                    public ::testing::WithParamInterface<BadFile> {};

TEST_P(BadFileTest, IsRefusedWithLineAndReason) {
  EXPECT_THAT(ProblemsOf(GetParam().text)[0], StartsWith(GetParam().problem));
}

// The most natural mistakes with a secret must not put it into a log.
TEST_F(ConfigTest, WhatStandsForASecretIsNotTold) {
  for (const char* text :
       {"apps { id: 1 embedded {} api_token: \"s3cret-token\" }",
        "apps { id: 1 embedded {} api_token { s3cret-token } }",
        "apps { id: 1 embedded {} api_token { s3cret: 1 } }",
        "apps { id: 1 embedded {} api_token { value: s3cret } }",
        "apps { id: 1 embedded {} api_token { \"s3cret\" } }",
        "callers { token: s3cret }", "http { cors: s3cret }"}) {
    for (const std::string& problem : ProblemsOf(text)) {
      EXPECT_THAT(problem, Not(HasSubstr("s3cret"))) << text;
    }
  }
}

// What stands before the part that is wrong, so that its line is not the first.
#define APP "apps { id: 777 embedded {} }\n"

INSTANTIATE_TEST_SUITE_P(
    EachRule, BadFileTest,
    ::testing::Values(
        BadFile{APP "colour: 1",
                "2:7: Message type \"chatgate.v1.Config\" has "
                "no field named \"colour\""},
        BadFile{APP "grpc {", "2:7: "},
        BadFile{APP "grpc {}\ngrpc {}", "3:6: Non-repeated field \"grpc\""},
        BadFile{"", "1:1: apps: at least one"},
        BadFile{APP "grpc { listen: \"here\" }", "2:8: `here` is no HOST:PORT"},
        BadFile{APP "grpc {\n  listen: \"0.0.0.0:1\" }",
                "3:3: `0.0.0.0:1` is not loopback: that needs grpc { tls"},
        BadFile{APP "http { listen: \"[::]:1\" }",
                "2:8: `[::]:1` is not loopback: that needs http { insecure"},
        BadFile{APP "http { connections_max: 4097 }",
                "2:8: 4097 is not from 1 to 4096"},
        BadFile{APP "http { body_bytes_max: 3145729 }",
                "2:8: 3145729 is not from 1 to 3145728"},
        BadFile{APP "http { request_timeout_ms: -1 }",
                "2:8: -1 is not from 1 to 600000"},
        BadFile{APP "grpc { tls { cert_file: \"x\" } }", "2:14: cannot read "},
        BadFile{APP "grpc { tls {} }", "2:8: tls needs cert_file and key_file"},
        BadFile{"apps { embedded {} }", "1:1: id is required and not 0"},
        BadFile{APP APP, "2:8: the id 777 is there twice"},
        BadFile{APP "apps { id: 1 }", "2:1: an app needs a platform"},
        BadFile{"apps { id: 1 embedded { admins { name: \"a\" } } }",
                "1:25: id is required and not 0"},
        BadFile{"apps { id: 1 embedded { admins { id: 5 } } }",
                "1:25: an admin needs a name"},
        BadFile{"apps { id: 1 embedded {\n admins { id: 5 name: \"a\" }\n"
                " admins { id: 5 name: \"b\" } } }",
                "3:11: the id 5 is there twice"},
        BadFile{"apps { id: 1 embedded {\n channels { id: 5 } } }",
                "2:2: a channel needs a name"},
        BadFile{APP "http {\n cors_origins: \"https://a.example/\" }",
                "3:2: `https://a.example/` is no origin"},
        BadFile{APP "http {\n cors_origins: \"https://A.example\" }",
                "3:2: `https://A.example` is no origin"},
        BadFile{APP "http {\n cors_origins: \"https://a.example:443\" }",
                "3:2: `https://a.example:443` is no origin"},
        BadFile{"apps { id: 1 embedded {\n requests_per_minute: 100001 } }",
                "2:2: more than 100000"},
        BadFile{"apps { id: 1 embedded { webhooks {\n url: \"ftp://a\" } } }",
                "2:2: url: "},
        BadFile{"apps { id: 1 embedded { webhooks {\n url: "
                "\"http://10.0.0.1/\" } } }",
                "2:2: url: its address is not public"},
        BadFile{"apps { id: 1 embedded { webhooks { url: \"http://a/\" }\n"
                " webhooks { url: \"http://a/\" } } }",
                "2:13: url: stands twice"},
        BadFile{"apps { id: 1 embedded {\n webhooks { url: \"http://a/\" "
                "event_names: \"\" } } }",
                "2:2: event_names: a name has 1 to 255 bytes"},
        BadFile{APP "events {\n age_hours_max: -1 }",
                "3:2: -1 is not from 0 to 87600"},
        BadFile{APP "events {\n age_hours_max: 87601 }",
                "3:2: 87601 is not from 0 to 87600"},
        BadFile{APP "events {\n bytes_max: 1000 }",
                "3:2: 1000 is neither 0 nor at least 16777216"},
        BadFile{APP "events {\n stream_age_s_max: 59 }",
                "3:2: 59 is neither 0 nor at least 60"},
        BadFile{APP "http {\n streams_max: 1025 }",
                "3:2: 1025 is not from 1 to 1024"},
        BadFile{APP "http {\n streams_max: -1 }",
                "3:2: -1 is not from 1 to 1024"},
        BadFile{"apps { id: 1 embedded {} webhook_token {} }",
                "1:26: a secret needs env, value or file"},
        BadFile{"apps { id: 1 embedded {} api_token { value: \" \" } }",
                "1:26: the secret is empty"},
        BadFile{"apps { id: 1 embedded {} api_token { env: \"CG_UNSET\" } }",
                "1:26: the environment variable CG_UNSET is unset"},
        BadFile{"apps { id: 1 embedded {} api_token { file: \"none\" } }",
                "1:26: cannot read "},
        BadFile{
            "apps { id: 1 embedded {} chatlio_secret { value: \"short\" } }",
            "1:26: a chatlio_secret has at least 8 characters"},
        BadFile{"apps { id: 1 embedded {} chatlio_secret { value: "
                "\"a/b/c/d/e\" } }",
                "1:26: a chatlio_secret has letters, digits, - and _ alone"},
        BadFile{"apps { id: 1 embedded {} webhook_token { value: \"t\" } }\n"
                "apps { id: 2 embedded {}\n webhook_token { value: \"t\" } }",
                "3:2: another one has the same webhook_token"},
        BadFile{
            "apps { id: 1 embedded {} chatlio_secret { value: \"ssssssss\" } "
            "}\napps { id: 2 embedded {}\n chatlio_secret { value: "
            "\"ssssssss\" } }",
            "3:2: another one has the same chatlio_secret"},
        BadFile{APP "callers { token { value: \"12345678\" } role: READER }",
                "2:1: a caller needs a name"},
        BadFile{APP "callers { name: \"a\" role: READER }",
                "2:1: a caller needs a token"},
        BadFile{APP "callers { name: \"a\" token { value: \"1234567\" } role: "
                    "READER }",
                "2:21: a token has at least 8 characters"},
        BadFile{APP
                "callers { name: \"a\" token { value: \"1234 5678\" } role: "
                "READER }",
                "2:21: a token holds visible ASCII alone"},
        BadFile{APP "callers { name: \"a\" token { value: \"12345678\" } }",
                "2:1: a caller needs a role"},
        BadFile{APP "callers { name: \"a\" token { value: \"12345678\" } role: "
                    "OWNER }",
                "2:61: Unknown enumeration value of \"OWNER\""},
        BadFile{APP "callers { name: \"a\" token { value: \"12345678\" } role: "
                    "9 }",
                "2:49: a caller needs a role"},
        BadFile{APP "callers { name: \"a\" token { value: \"12345678\" } role: "
                    "READER weight: 1001 }",
                "2:62: more than 1000"},
        BadFile{APP "callers { name: \"a\" token { value: \"12345678\" } role: "
                    "READER app_ids: 1 }",
                "2:62: there is no app 1"},
        BadFile{APP "callers { name: \"a\" token { value: \"12345678\" } role: "
                    "READER }\n"
                    "callers { name: \"a\" token { value: \"abcdefgh\" } role: "
                    "READER }",
                "3:11: the name a is there twice"},
        BadFile{APP "callers { name: \"a\" token { value: \"12345678\" } role: "
                    "READER }\n"
                    "callers { name: \"b\" token { value: \"12345678\" } role: "
                    "READER }",
                "3:21: another one has the same token"}));
#undef APP

}  // namespace
}  // namespace chatgate
