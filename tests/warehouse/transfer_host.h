// PostgreSQL, S3 (moto), Cloud Storage (fake-gcs-server) and a web server at once: what transfers are between.
#pragma once

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "providers/testing/host_program.h"
#include "servers/fake_gcs_server.h"
#include "servers/http_server.h"
#include "servers/moto_server.h"
#include "servers/postgres_server.h"

namespace venturi::providers::testing {

struct TransferServers {
  tests::PostgresServer postgres;
  tests::MotoServer moto;
  tests::FakeGcsServer gcs;
};

class TransferTest : public HostProgramTest {
 protected:
  static TransferServers& servers() {
    static TransferServers all;
    return all;
  }
  TransferTest() {
    connect("aws_default", "aws", {{"endpoint_url", servers().moto.url()}});
    connect("google_cloud_default", "google_cloud_platform", {{"endpoint", servers().gcs.url()}, {"project", "test"}});
    worker.connections["postgres_default"] = Object{{"type", "ConnectionResult"},
                                                    {"conn_id", "postgres_default"},
                                                    {"conn_type", "postgres"},
                                                    {"host", "127.0.0.1"},
                                                    {"schema", "postgres"},
                                                    {"login", "postgres"},
                                                    {"password", servers().postgres.password()},
                                                    {"port", servers().postgres.port()},
                                                    {"extra", nullptr}};
  }
  void connect(const std::string& conn_id, const std::string& conn_type, const Object& extra, const std::string& host = {}) {
    worker.connections[conn_id] = Object{{"type", "ConnectionResult"},
                                         {"conn_id", conn_id},
                                         {"conn_type", conn_type},
                                         {"host", host.empty() ? Value() : Value(host)},
                                         {"schema", nullptr},
                                         {"login", "AKIA"},
                                         {"password", "geheim-wort"},
                                         {"port", nullptr},
                                         {"extra", to_json(Value(extra))}};
  }
  void start(const char* type, Object op) {
    op.set("task_type", type);
    worker.start(++sequence, std::move(op), {.should_retry = true});
  }
  // The XCom (null: none), or the error.
  Value end(std::int64_t which) {
    const Value exit = worker.exit(which);
    if (const std::string error = exit.get_string("error"); !error.empty()) return error;
    for (const std::string& message : worker.types(which)) {
      if (message == "SetXCom") return worker.message(which, "SetXCom").at("value");
    }
    return {};
  }
  Value made(const char* type, Object op) {
    start(type, std::move(op));
    return end(sequence);
  }
  // The error; empty where there is none.
  std::string run(const char* type, Object op) {
    start(type, std::move(op));
    return worker.exit(sequence).get_string("error");
  }
  // Until the task that was started last has been given that connection: then it goes on by itself.
  void wait_for_connection(const std::string& conn_id) {
    const auto asks = [&](const task::Frame& frame) {
      const Value* body = frame.body.get("body");
      return body != nullptr && body->get_string("type") == "GetConnection" && body->get_string("conn_id") == conn_id &&
             frame.body.at("token").as_array().at(1) == Value(sequence);
    };
    (void)worker.wait(asks, "the question for " + conn_id);
  }
  static std::string sql(const std::string& text) { return servers().postgres.run(text); }

  void create_bucket(const std::string& name) {
    EXPECT_EQ(run("S3CreateBucketOperator", {{"bucket_name", name}}), "");
    EXPECT_EQ(run("GCSCreateBucketOperator", {{"bucket_name", name}}), "");
  }
  void put(const std::string& key, const std::string& data) {
    EXPECT_EQ(run("S3CreateObjectOperator", {{"s3_key", key}, {"data", data}, {"replace", true}}), "");
  }
  // What the object has, or why not.
  std::string fetched(const std::string& key) {
    const bool is_s3 = key.starts_with("s3://");
    const std::size_t slash = key.find('/', 5);
    const std::string error = is_s3 ? run("S3ToLocalFilesystemOperator", {{"s3_key", key}, {"path", files / "fetched"}})
                                    : run("GCSToLocalFilesystemOperator", {{"bucket", key.substr(5, slash - 5)},
                                                                           {"object_name", key.substr(slash + 1)},
                                                                           {"filename", files / "fetched"}});
    return error.empty() ? tests::read_file(files / "fetched") : error;
  }
  Value keys(const std::string& bucket) { return made("S3ListOperator", {{"bucket", bucket}}); }
  Value names(const std::string& bucket) { return made("GCSListObjectsOperator", {{"bucket", bucket}}); }

  tests::TestFolder files;
  std::int64_t sequence = 0;
};

}  // namespace venturi::providers::testing
