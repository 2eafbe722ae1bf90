// EmailOperator, SmtpNotifier and the hook `smtp` in the program venturi-operators, against scripts/smtp_server.py.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/json.h"
#include "providers/testing/host_program.h"
#include "servers/smtp_server.h"

namespace venturi::providers::testing {

// Of type smtp, smtp_default.
inline Value connection(int port, Object extra, const char* with_password = nullptr, const char* host = "127.0.0.1") {
  if (!extra.contains("from_email")) extra.add("from_email", "Venturi <etl@firm.example>");
  return Object{{"type", "ConnectionResult"},
                {"conn_id", "smtp_default"},
                {"conn_type", "smtp"},
                {"host", host},
                {"schema", nullptr},
                {"login", with_password == nullptr ? Value() : Value("robot")},
                {"password", with_password == nullptr ? Value() : Value(with_password)},
                {"port", port},
                {"extra", to_json(Value(std::move(extra)))}};
}
// In plain text, for the extra.
inline Object plain(Object more = {}) {
  Object extra{{"disable_ssl", true}, {"disable_tls", true}};
  for (const auto& [key, value] : more) extra.set(key, value);
  return extra;
}
// An EmailOperator.
inline Object email(Object more = {}) {
  Object op{{"task_type", "EmailOperator"}, {"to", "ann@firm.example"}, {"subject", "s"}, {"html_content", "<p>h</p>"}};
  for (const auto& [key, value] : more) op.set(key, value);
  return op;
}
inline Value typed(const char* type, Value var) {
  return Object{{"__type", type}, {"__var", std::move(var)}};
}

class SmtpTest : public HostProgramTest {
 protected:
  // The error of a mail that is not sent; empty where it is.
  std::string send(Object op) {
    worker.start(++sequence, std::move(op), {.should_retry = true});
    const Value exit = worker.exit(sequence);
    EXPECT_EQ(exit.get_string("kind"), "ok");
    return exit.get_string("error");
  }
  // Fields of the mail as Python's parser reads them.
  static Value parsed(const std::string& eml) {
    const tests::TestFolder folder;
    const std::string path = folder.write("m.eml", eml);
    const std::string script =
        folder.write("p.py",
                     "import email,email.policy,json,sys\n"
                     "m=email.message_from_binary_file(open(sys.argv[1],'rb'),policy=email.policy.default)\n"
                     "part=lambda t:(m.get_body((t,)) or m).get_content() if m.get_body((t,)) else None\n"
                     "print(json.dumps({'subject':m['subject'],'from':str(m['from']),'to':str(m['to']),'cc':str(m['cc']),"
                     "'id':m['message-id'],'team':m['x-team'],'text':part('plain'),'html':part('html'),"
                     "'files':[[a.get_filename(),a.get_content().hex()] for a in m.iter_attachments()]}))\n");
    tests::ServerProcess python(
        {.program = "/usr/bin/python3", .package = "python3", .arguments = {script, path}, .reads_lines = true});
    return parse_json(python.read_line()).value_or(Value());
  }

  std::int64_t sequence = 0;
};

}  // namespace venturi::providers::testing
