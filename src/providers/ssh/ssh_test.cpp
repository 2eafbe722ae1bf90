// Against OpenSSH's server.
#include <gmock/gmock.h>

#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "base/json.h"
#include "operators/registry.h"
#include "operators/stop_signal.h"
#include "providers/register_all.h"
#include "providers/ssh/ssh_session.h"
#include "providers/test_connection.h"
#include "servers/sftp_server.h"

namespace venturi::providers {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace std::chrono_literals;

Connection connection(int port, const Object& extra, const std::string& password = {}) {
  Connection c;
  c.conn_id = "files";
  c.conn_type = "sftp";
  c.host = "127.0.0.1";
  c.port = port;
  c.login = tests::SftpServer::user();
  if (!password.empty()) c.password = password;
  c.extra = to_json(Value(extra));
  return c;
}

// The error, and nothing where there is none.
std::string error_of(const Connection& c, int stop = -1) {
  try {
    const SshSession session(ssh_settings(c), stop);
    return {};
  } catch (const std::exception& e) {
    return e.what();
  }
}

operators::ConnectionTest tested(Connection c) {
  operators::Registry registry;
  register_all(registry);
  return test_connection(registry, c);
}

class SshTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server = std::make_unique<tests::SftpServer>(); }
  static void TearDownTestSuite() { server.reset(); }

  static Object with_host_key(Object more) {
    more.set("host_key", server->host_key());
    return more;
  }
  static Connection with_key(Object more = {}) {
    more.set("key_file", server->client_key("ed25519"));
    return connection(server->port(), with_host_key(std::move(more)));
  }

  static std::unique_ptr<tests::SftpServer> server;
  tests::TestFolder folder;
};
std::unique_ptr<tests::SftpServer> SshTest::server;

TEST_F(SshTest, KeysOfEachKindFromFilesAndTexts) {
  for (const char* type : {"ed25519", "rsa", "ecdsa"}) {
    const std::string file = server->client_key(type), locked = server->client_key(type, "geheim-wort");
    EXPECT_EQ(error_of(connection(server->port(), with_host_key({{"key_file", file}}))), "") << type;
    EXPECT_EQ(error_of(connection(server->port(), with_host_key({{"private_key", tests::read_file(file)}}))), "") << type;
    EXPECT_EQ(error_of(connection(server->port(), with_host_key({{"private_key", tests::read_file(locked)},
                                                                 {"private_key_passphrase", "geheim-wort"}}))),
              "")
        << type;
    EXPECT_EQ(error_of(connection(server->port(), with_host_key({{"key_file", locked}, {"passphrase", "geheim-wort"}}))), "")
        << type;
    EXPECT_THAT(
        error_of(connection(server->port(), with_host_key({{"key_file", locked}}))),
        AllOf(HasSubstr("connection files, extra: key_file is no private key"), HasSubstr("needs private_key_passphrase")))
        << type;
    const std::string wrong = error_of(connection(
        server->port(), with_host_key({{"private_key", tests::read_file(locked)}, {"private_key_passphrase", "falsch"}})));
    EXPECT_THAT(wrong, AllOf(HasSubstr("with this private_key_passphrase"), Not(HasSubstr("falsch")))) << type;
  }
}

TEST_F(SshTest, KeysAsOpenSslWritesThem) {
  const std::string key = server->client_key("rsa"), pem = folder.write("pem", tests::read_file(key));
  ::chmod(pem.c_str(), 0600);
  tests::ssh_keygen({"-q", "-p", "-m", "PEM", "-P", "", "-N", "geheim-wort", "-f", pem});
  ASSERT_THAT(tests::read_file(pem), HasSubstr("ENCRYPTED"));
  EXPECT_EQ(error_of(connection(server->port(), with_host_key({{"key_file", pem}, {"private_key_passphrase", "geheim-wort"}}))),
            "");
  // It asks nobody at a terminal.
  EXPECT_THAT(error_of(connection(server->port(), with_host_key({{"key_file", pem}}))),
              HasSubstr("needs private_key_passphrase"));
}

TEST_F(SshTest, LogInsThatAreRefused) {
  const std::string password = error_of(connection(server->port(), with_host_key({}), "geheim-wort"));
  EXPECT_THAT(password, AllOf(HasSubstr("Authentication failed"), HasSubstr("tried with password"),
                              HasSubstr("connection files"), Not(HasSubstr("geheim-wort"))));
  const std::string other = folder / "other";
  tests::ssh_keygen({"-q", "-t", "ed25519", "-N", "", "-f", other});
  EXPECT_THAT(error_of(connection(server->port(), with_host_key({{"key_file", other}}))),
              AllOf(HasSubstr("SSH: " + tests::SftpServer::user() + "@127.0.0.1:"), HasSubstr("Authentication failed"),
                    HasSubstr("the server takes publickey, password"), HasSubstr("tried with key_file")));
  EXPECT_THAT(error_of(connection(server->port(), with_host_key({{"key_file", folder / "nowhere"}}))),
              HasSubstr("nowhere cannot be read on the worker's machine"));
  EXPECT_THAT(
      error_of(connection(server->port(), with_host_key({{"private_key", "-----BEGIN X-----\nAAAA\n-----END X-----"}}))),
      HasSubstr("private_key is no private key of RSA, ECDSA or ed25519"));
}

TEST_F(SshTest, TheServersKey) {
  const std::string key = server->client_key("ed25519"), name = "[127.0.0.1]:" + std::to_string(server->port());
  const auto with = [&](Object more) {
    more.set("key_file", key);
    if (!more.contains("known_hosts")) more.set("known_hosts", folder / "none");
    return connection(server->port(), more);
  };
  EXPECT_THAT(error_of(with({})), AllOf(HasSubstr("is not known here"), HasSubstr("ssh-ed25519 SHA256:"),
                                        HasSubstr("extra host_key"), HasSubstr("ssh-keyscan -p")));
  EXPECT_EQ(error_of(with({{"no_host_key_check", true}})), "");
  EXPECT_EQ(error_of(with({{"no_host_key_check", "True"}})), "");
  const SshSession unchecked(ssh_settings(with({{"no_host_key_check", true}})), -1);
  EXPECT_THAT(unchecked.warnings(), ElementsAre(HasSubstr("No Host Key Verification")));
  EXPECT_EQ(error_of(with({{"known_hosts", folder.write("known", name + " " + server->host_key() + "\n")}})), "");

  const std::string other = folder / "other";
  tests::ssh_keygen({"-q", "-t", "ed25519", "-N", "", "-f", other});
  const std::string another = tests::read_file(other + ".pub");
  const Object changed{{"known_hosts", folder.write("changed", name + " " + another)}};
  EXPECT_THAT(error_of(with(changed)), AllOf(HasSubstr("is not the one that known_hosts has"), HasSubstr("set up anew")));
  Object unchecked_but_known = changed;  // as in Airflow: what is known and has changed is an error all the same
  unchecked_but_known.set("no_host_key_check", true);
  EXPECT_THAT(error_of(with(unchecked_but_known)), HasSubstr("is not the one that known_hosts has"));
  Object allowed = changed;
  allowed.set("allow_host_key_change", true);
  EXPECT_EQ(error_of(with(allowed)), "");
  EXPECT_THAT(error_of(with({{"host_key", another}})),
              AllOf(HasSubstr("is not the host_key of the connection files"), HasSubstr("Somebody may be in between")));
  EXPECT_THAT(error_of(with({{"host_key", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ=="}})),
              HasSubstr("the server and this side do not get together"));
}

TEST_F(SshTest, ServersThatDoNotAnswer) {
  const auto begin = std::chrono::steady_clock::now();
  const int port = tests::free_port();
  EXPECT_THAT(error_of(connection(port, {{"no_host_key_check", true}}, "p")),
              AllOf(HasSubstr("SSH: "), HasSubstr(std::to_string(port)), HasSubstr("cannot connect: Connection refused")));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 3s) << "it is tried three times";
  Connection unknown = connection(22, {}, "p");
  unknown.host = "nowhere.invalid";
  EXPECT_THAT(error_of(unknown), HasSubstr("the host is not known"));
  // One that takes connections and says nothing.
  tests::TestFolder lies;
  const std::string script =
      lies.write("s.py",
                 "import socket\ns=socket.create_server(('127.0.0.1',0))\nprint(s.getsockname()[1],flush=True)\n"
                 "k=[]\nwhile True:k.append(s.accept())\n");
  tests::ServerProcess silent(
      {.program = "/usr/bin/python3", .package = "python3", .arguments = {script}, .reads_lines = true});
  const int silent_port = std::stoi(silent.read_line());
  EXPECT_THAT(error_of(connection(silent_port, {{"no_host_key_check", true}, {"banner_timeout", 0.2}}, "p")),
              HasSubstr("the server says nothing"));
  // ... and a stop does not wait for it.
  const Fd stop(::eventfd(0, EFD_CLOEXEC));
  std::thread soon([&] {
    std::this_thread::sleep_for(300ms);
    (void)::eventfd_write(stop.get(), 1);
  });
  const auto asked = std::chrono::steady_clock::now();
  EXPECT_EQ(error_of(connection(silent_port, {{"no_host_key_check", true}}, "p"), stop.get()), operators::Stopped().what());
  EXPECT_LT(std::chrono::steady_clock::now() - asked, 1s);
  soon.join();
}

TEST_F(SshTest, Algorithms) {
  EXPECT_EQ(error_of(with_key({{"ciphers", Array{"aes128-ctr"}}})), "");
  EXPECT_EQ(error_of(with_key({{"compress", true}})), "");
  EXPECT_EQ(error_of(with_key(
                {{"disabled_algorithms", Object{{"kex", Array{"curve25519-sha256", "curve25519-sha256@libssh.org"}}}}})),
            "");
  EXPECT_THAT(error_of(with_key({{"ciphers", Array{"rot13"}}})),
              AllOf(HasSubstr("connection files: extra: ciphers"), HasSubstr("rot13")));
  EXPECT_THAT(error_of(with_key({{"disabled_algorithms", Object{{"shapes", Array{}}}}})),
              HasSubstr("kinds are ciphers, macs, kex"));
  EXPECT_THAT(error_of(with_key({{"disabled_algorithms", Object{{"pubkeys", Array{"ssh-ed25519"}}}}})),
              HasSubstr("Authentication failed"));
}

TEST_F(SshTest, FieldsThatAreWrong) {
  EXPECT_THAT(error_of(with_key({{"private_key", "a\nb"}})), HasSubstr("key_file and private_key are both there"));
  EXPECT_THAT(error_of(with_key({{"no_host_key_check", true}})),
              HasSubstr("no_host_key_check must be false where host_key is given"));
  EXPECT_THAT(error_of(with_key({{"host_proxy_cmd", "nc %h %p"}})), HasSubstr("commands as proxies are not there"));
  EXPECT_THAT(error_of(with_key({{"conn_timeout", "soon"}})), HasSubstr("conn_timeout must be a number of seconds"));
  EXPECT_THAT(error_of(connection(server->port(), {{"host_key", "ssh-dss AAAA"}})), HasSubstr("types are ssh-ed25519"));
  EXPECT_THAT(error_of(connection(server->port(), {{"private_key", "in one line"}})), HasSubstr("its lines kept"));
  Connection nowhere = with_key();
  nowhere.host.reset();
  EXPECT_THAT(error_of(nowhere), HasSubstr("the connection files has no host"));
  EXPECT_EQ(ssh_settings(nowhere, "elsewhere").host, "elsewhere");
}

TEST_F(SshTest, ConnectionsAreTested) {
  Connection good = with_key();
  for (const char* type : {"sftp", "ssh"}) {
    good.conn_type = type;
    const operators::ConnectionTest test = tested(good);
    EXPECT_TRUE(test.is_good) << test.message;
    EXPECT_EQ(test.message, operators::connection_is_good);
  }
  const operators::ConnectionTest bad = tested(connection(server->port(), with_host_key({}), "p"));
  EXPECT_FALSE(bad.is_good);
  EXPECT_THAT(bad.message, HasSubstr("Authentication failed"));
}

TEST_F(SshTest, AServerWithoutSftp) {
  const tests::SftpServer bare({.settings = {"ForceCommand echo a greeting of the profile"}});
  Connection c = connection(bare.port(), {{"host_key", bare.host_key()}, {"key_file", bare.client_key("ed25519")}});
  const operators::ConnectionTest test = tested(c);
  EXPECT_FALSE(test.is_good);
  EXPECT_THAT(test.message,
              AllOf(HasSubstr("the server speaks no SFTP"), HasSubstr("does a profile of the login write something?")));
  c.conn_type = "ssh";
  EXPECT_TRUE(tested(c).is_good);
}

}  // namespace
}  // namespace venturi::providers
