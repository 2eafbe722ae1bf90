// kill -9 in the middle of a transfer: neither a half object nor a half file is there, and the next try goes well.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <thread>

#include "base/fd.h"
#include "transfer_host.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint64_t size_of_file = 64UL << 20U;

// What moto answers: head and body.
std::string got(const std::string& origin, const std::string& path) {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = ::htons(static_cast<std::uint16_t>(std::stoi(origin.substr(origin.rfind(':') + 1))));
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  const std::string request = "GET " + path + " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n";
  if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) return {};
  std::string answer;
  char bytes[65536];
  for (ssize_t n = 0; (n = ::recv(socket.get(), bytes, sizeof bytes, 0)) > 0;)
    answer.append(bytes, static_cast<std::size_t>(n));
  return answer;
}

bool becomes_true(const std::function<bool()>& is_true) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < end) {
    if (is_true()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

// An operator host of its own, for the next try.
struct NextHost {
  explicit NextHost(const operators::testing::FakeWorker& before) {
    worker.connections = before.connections;
    const Fd theirs = worker.host_end();
    pid = start_operators("--venturi-warm", theirs.get());
  }
  NextHost(const NextHost&) = delete;
  NextHost& operator=(const NextHost&) = delete;
  ~NextHost() {
    worker.hang_up();
    ::waitpid(pid, nullptr, 0);
  }
  std::string run(Object op) {
    worker.start(++sequence, std::move(op), {.should_retry = true});
    return worker.exit(sequence).get_string("error");
  }
  operators::testing::FakeWorker worker;
  std::int64_t sequence = 0;
  pid_t pid = 0;
};

class KillTest : public TransferTest {
 protected:
  KillTest() {
    create_bucket("killed");
    std::ofstream file(files / "large", std::ios::binary);
    for (std::uint64_t i = 0; i < size_of_file / sizeof i; ++i) file.write(reinterpret_cast<const char*>(&i), sizeof i);
  }
  void kill_host() {
    ASSERT_EQ(::kill(pid, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(std::exchange(pid, 0), &status, 0) > 0, true);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  }
  [[nodiscard]] std::string object(const std::string& key) { return got(servers().moto.url(), "/killed/" + key); }
  // Until some parts of it are there.
  void wait_for_parts(const std::string& key) {
    ASSERT_TRUE(becomes_true([&] {
      const std::string uploads = got(servers().moto.url(), "/killed?uploads");
      const std::size_t begin = uploads.find("<Key>" + key + "</Key>");
      if (begin == std::string::npos) return false;
      const std::size_t id = uploads.rfind("<UploadId>", begin) + 10;
      const std::string upload = uploads.substr(id, uploads.find('<', id) - id);
      return object(key + "?uploadId=" + upload).find("<PartNumber>2<") != std::string::npos;
    }));
  }
  void expect_same_file(const std::string& path) {
    EXPECT_EQ(std::filesystem::file_size(path), size_of_file);
    EXPECT_TRUE(tests::read_file(path) == tests::read_file(files / "large"));
  }
};

TEST_F(KillTest, AnUploadOfAFile) {
  const Object op{{"task_type", "LocalFilesystemToS3Operator"},
                  {"filename", files / "large"},
                  {"dest_key", "s3://killed/file"},
                  {"replace", true}};
  worker.start(++sequence, op, {.should_retry = true});
  wait_for_connection("aws_default");
  wait_for_parts("file");
  kill_host();
  EXPECT_THAT(object("file"), HasSubstr(" 404 "));
  NextHost next(worker);
  EXPECT_EQ(next.run(op), "");
  EXPECT_EQ(next.run({{"task_type", "S3ToLocalFilesystemOperator"}, {"s3_key", "s3://killed/file"}, {"path", files / "back"}}),
            "");
  expect_same_file(files / "back");
}

TEST_F(KillTest, AQueryThatBecomesAnObject) {
  sql("CREATE TABLE IF NOT EXISTS killed_outbox (id int, t text); TRUNCATE killed_outbox; "
      "INSERT INTO killed_outbox SELECT g, repeat(md5(g::text), 20) FROM generate_series(1, 80000) g");
  const Object op{{"task_type", "SqlToS3Operator"},
                  {"query", "DELETE FROM killed_outbox RETURNING id, t"},
                  {"sql_conn_id", "postgres_default"},
                  {"s3_key", "s3://killed/rows"},
                  {"pd_kwargs", Object{{"index", false}}}};
  worker.start(++sequence, op, {.should_retry = true});
  wait_for_connection("aws_default");
  wait_for_parts("rows");
  kill_host();
  EXPECT_THAT(object("rows"), HasSubstr(" 404 "));
  // The server notices, and takes back what the query did.
  EXPECT_TRUE(
      becomes_true([] { return sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY (DELETE%'") == "0"; }));
  EXPECT_EQ(sql("SELECT count(*) FROM killed_outbox"), "80000");
  NextHost next(worker);
  EXPECT_EQ(next.run(op), "");
  EXPECT_EQ(sql("SELECT count(*) FROM killed_outbox"), "0");
  const std::string answer = object("rows");
  const std::string csv = answer.substr(answer.find("\r\n\r\n") + 4);
  EXPECT_EQ(std::ranges::count(csv, '\n'), 80001);
}

TEST_F(KillTest, ADownload) {
  ASSERT_EQ(
      run("LocalFilesystemToS3Operator", {{"filename", files / "large"}, {"dest_key", "s3://killed/whole"}, {"replace", true}}),
      "");
  const Object op{
      {"task_type", "S3ToLocalFilesystemOperator"}, {"s3_key", "s3://killed/whole"}, {"path", files / "down/whole"}};
  worker.start(++sequence, op, {.should_retry = true});
  wait_for_connection("aws_default");
  const std::filesystem::path folder = files / "down";
  ASSERT_TRUE(becomes_true([&] {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      if (entry.file_size(ignored) > 1UL << 20U) return true;
    }
    return false;
  }));
  kill_host();
  EXPECT_FALSE(std::filesystem::exists(folder / "whole"));
  NextHost next(worker);
  EXPECT_EQ(next.run(op), "");
  expect_same_file(folder / "whole");
}

}  // namespace
}  // namespace venturi::providers::testing
