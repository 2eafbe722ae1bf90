// SFTPOperator against AsyncSSH: passwords, and a server that has nothing beyond the protocol and sends short pieces.
#include <gmock/gmock.h>

#include "providers/testing/host_program.h"
#include "providers/testing/sftp_host.h"
#include "servers/asyncssh_server.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class SftpServersTest : public MoverProgramTest {
 protected:
  void connect(const tests::AsyncsshServer& server, const std::string& password) {
    connections["sftp_default"] = Object{{"type", "ConnectionResult"},
                                         {"conn_id", "sftp_default"},
                                         {"conn_type", "sftp"},
                                         {"host", "localhost"},
                                         {"schema", nullptr},
                                         {"login", "etl"},
                                         {"password", password},
                                         {"port", server.port()},
                                         {"extra", to_json(Value(Object{{"host_key", server.host_key()}}))}};
  }
  Moved put(const std::string& local, const std::string& remote) {
    return run({{"task_type", "SFTPOperator"}, {"local_filepath", local}, {"remote_filepath", remote}});
  }
  Moved get(const std::string& remote, const std::string& local) {
    return run({{"task_type", "SFTPOperator"}, {"operation", "get"}, {"local_filepath", local}, {"remote_filepath", remote}});
  }
  tests::TestFolder here;
};

TEST_F(SftpServersTest, WithAPassword) {
  const std::string password = "geheim@;% '\"1";
  const tests::AsyncsshServer server(password);
  connect(server, password);
  const Moved sent = put(here.write("f", "text"), "/f");
  EXPECT_EQ(sent.error(), "");
  EXPECT_EQ(tests::read_file(server.root() / "f"), "text");
  EXPECT_THAT(sent.log, Not(HasSubstr(password)));
  connect(server, "falsch-wort");
  const Moved refused = put(here / "f", "/f");
  EXPECT_THAT(refused.error(), AllOf(HasSubstr("SSH: etl@localhost:"), HasSubstr("Authentication failed: the server takes"),
                                     HasSubstr("tried with password"), Not(HasSubstr("falsch-wort"))));
}

TEST_F(SftpServersTest, WithAnswersToQuestions) {
  const tests::AsyncsshServer server("geheim-wort", true);
  connect(server, "geheim-wort");
  EXPECT_EQ(put(here.write("f", "text"), "/f").error(), "");
  EXPECT_EQ(tests::read_file(server.root() / "f"), "text");
  connect(server, "falsch-wort");
  EXPECT_THAT(put(here / "f", "/f").error(), HasSubstr("tried with keyboard-interactive"));
}

TEST_F(SftpServersTest, NothingBeyondTheProtocol) {
  const tests::AsyncsshServer server("geheim-wort");
  connect(server, "geheim-wort");
  std::string text(3'000'000, 'a');
  for (std::size_t i = 0; i < text.size(); i += 3) text[i] = static_cast<char>('a' + i / 3 % 26);
  EXPECT_EQ(put(here.write("large", text), "large").error(), "");
  EXPECT_TRUE(tests::read_file(server.root() / "large") == text);
  EXPECT_EQ(get("large", here / "back").error(), "");
  EXPECT_TRUE(tests::read_file(here / "back") == text) << "pieces came shorter than they were asked for";
  const Moved replaced = put(here.write("small", "new"), "/large");
  EXPECT_EQ(replaced.error(), "");
  EXPECT_THAT(replaced.log, HasSubstr("cannot rename over a file"));
  EXPECT_EQ(tests::read_file(server.root() / "large"), "new");
  EXPECT_EQ(names_in(server.root().path()), "large");
}

}  // namespace
}  // namespace venturi::providers::testing
