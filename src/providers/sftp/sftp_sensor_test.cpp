// SFTPSensor in the operator host, against OpenSSH's server.
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "base/time.h"
#include "providers/testing/host_program.h"
#include "providers/testing/sftp_host.h"

namespace venturi::providers::testing {
namespace {

using operators::testing::Clock;
using ::testing::AllOf;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

std::string an_hour_ago() {
  return format_time(std::chrono::time_point_cast<Duration>(Time::clock::now() - 1h));
}

class SftpSensorTest : public HostProgramTest {
 protected:
  SftpSensorTest() { worker.connections["sftp_default"] = sftp_connection(server); }

  std::int64_t begin(Object op) {
    op.set("task_type", "SFTPSensor");
    if (!op.contains("poke_interval")) op.set("poke_interval", 0.1);
    worker.start(++sequence, std::move(op), {.should_retry = true});
    return sequence;
  }
  // Until the first poke of each has its connection, and some time longer.
  void let_poke(std::int64_t first, std::int64_t last) {
    worker.read_until([&] {
      for (std::int64_t i = first; i <= last; ++i) {
        if (worker.types(i).empty()) return false;
      }
      return true;
    });
    std::this_thread::sleep_for(500ms);
  }
  Value xcom(std::int64_t of) {
    const Value exit = worker.exit(of);
    if (const std::string error = exit.get_string("error"); !error.empty()) return error;
    for (const std::string& message : worker.types(of)) {
      if (message == "SetXCom") return worker.message(of, "SetXCom").at("value");
    }
    return {};
  }
  Value found(Object op) { return xcom(begin(std::move(op))); }

  tests::SftpServer server;
  tests::TestFolder there;
  std::int64_t sequence = 0;
};

TEST_F(SftpSensorTest, FilesThatComeLater) {
  const std::int64_t file = begin({{"path", there / "orders.csv"}});
  const std::int64_t pattern = begin({{"path", there / "later"}, {"file_pattern", "in-*[!x].csv"}});
  let_poke(file, pattern);
  there.write("orders.csv", "");
  std::filesystem::create_directory(there / "later");
  there.write("later/in-x.csv", "");
  std::this_thread::sleep_for(300ms);
  there.write("later/in-b.csv", "");
  there.write("later/in-день.csv", "");
  EXPECT_EQ(to_json(xcom(file)), "[\"" + there.path() + "/orders.csv\"]");
  EXPECT_THAT(to_json(xcom(pattern)), HasSubstr("later/in-b.csv"));
  EXPECT_THAT(worker.log(pattern), HasSubstr("with pattern in-*[!x].csv"));
  EXPECT_EQ(to_json(found({{"path", there / "later"}})), "[\"" + there.path() + "/later\"]") << "a folder";
}

TEST_F(SftpSensorTest, WhatIsNewer) {
  there.write("a", "");
  there.write("b", "");
  std::filesystem::last_write_time(there / "a", std::filesystem::file_time_type::clock::now() - 48h);
  const Value newer = found({{"path", there.path()}, {"file_pattern", "?"}, {"newer_than", an_hour_ago()}});
  EXPECT_EQ(to_json(newer), "[\"" + there.path() + "/b\"]");
  EXPECT_THAT(worker.log(sequence), AllOf(HasSubstr("/a has modification time"), HasSubstr("which is older than")));
  EXPECT_THAT(found({{"path", there / "a"}, {"newer_than", an_hour_ago()}, {"timeout", 0.3}}).as_string(),
              HasSubstr("Sensor has timed out"));
  EXPECT_THAT(found({{"path", there / "a"}, {"newer_than", "yesterday"}}).as_string(),
              HasSubstr("newer_than must be a time in ISO 8601"));
}

TEST_F(SftpSensorTest, WhatGoesWrong) {
  worker.connections["wrong"] =
      sftp_connection(server, {{"key_file", ""}, {"private_key", "-----BEGIN\ngeheim-wort"}}, "wrong");
  const std::string wrong = found({{"path", "/x"}, {"sftp_conn_id", "wrong"}}).as_string();
  EXPECT_THAT(wrong, HasSubstr("connection wrong, extra: private_key is no private key"));
  EXPECT_THAT(worker.log(sequence), ::testing::Not(HasSubstr("geheim-wort")));
  EXPECT_THAT(found({{"path", there / "nothing"}, {"timeout", 0.3}}).as_string(), HasSubstr("Sensor has timed out"));
  EXPECT_THAT(found({{"path", ""}}).as_string(), HasSubstr("the argument path"));
  server.process().end(SIGKILL);
  EXPECT_THAT(found({{"path", "/x"}}).as_string(), AllOf(HasSubstr("SSH: "), HasSubstr("cannot connect")));
}

TEST_F(SftpSensorTest, ManyWaitAtOnceAndEndWhenTheyAreCancelled) {
  constexpr int many = 100;
  for (int i = 0; i < many; ++i) begin({{"path", there / "later"}, {"poke_interval", 0.5}});
  let_poke(1, many);
  const auto asked = Clock::now();
  for (int i = 1; i <= many / 2; ++i) worker.cancel(i);
  for (int i = 1; i <= many / 2; ++i) EXPECT_EQ(worker.exit(i).get_string("kind"), "killed");
  EXPECT_LT(Clock::now() - asked, 2s);
  there.write("later", "");
  for (int i = many / 2 + 1; i <= many; ++i) EXPECT_EQ(xcom(i).as_array().size(), 1U);
}

}  // namespace
}  // namespace venturi::providers::testing
