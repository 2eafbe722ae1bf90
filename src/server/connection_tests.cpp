#include "server/connection_tests.h"

#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "base/fd.h"
#include "base/json.h"

namespace venturi::server {
namespace {

constexpr std::chrono::seconds longest_test{60};
constexpr std::size_t most_at_once = 8;

// Secrets stand in no argument and in no file with a name.
Fd in_memory(const std::string& text) {
  Fd file(::memfd_create("connection", MFD_CLOEXEC));
  if (!file || !write_all(file.get(), text) || ::lseek(file.get(), 0, SEEK_SET) != 0) return {};
  return file;
}

Result<Value> result_of(const lanes::ChildEnd& end) {
  if (end.kind == lanes::ChildEnd::Kind::timed_out)
    return Value(Object{{"status", false}, {"message", "no answer within " + std::to_string(longest_test.count()) + " s"}});
  // What libraries print comes before.
  const std::size_t last_line = end.output.rfind('\n', end.output.size() < 2 ? 0 : end.output.size() - 2);
  auto answer = parse_json(std::string_view(end.output).substr(last_line == std::string::npos ? 0 : last_line + 1));
  if (end.kind == lanes::ChildEnd::Kind::exited && end.value == 0 && answer && answer->is_object()) return std::move(*answer);
  return fail(ErrorKind::internal, "the test of the connection ended without an answer");
}

}  // namespace

void ConnectionTests::run(const Value& connection, std::function<void(Result<Value>)> on_result) {
  if (program_.empty())
    return on_result(fail(ErrorKind::unavailable, "venturi-operators, which tests connections, is not there", "",
                          "install it beside venturi"));
  if (running_.size() >= most_at_once)
    return on_result(fail(ErrorKind::exhausted, "too many connections are being tested", "", "repeat this later"));
  lanes::ChildSpec spec;
  spec.program = program_;
  spec.arguments = {"--venturi-test-connection"};
  spec.environment = lanes::clean_environment();
  spec.directory = "/";
  spec.standard_input = in_memory(to_json(connection));
  spec.timeout = longest_test;
  if (!spec.standard_input) return on_result(fail(ErrorKind::exhausted, "no memory for the test of a connection"));
  const std::int64_t number = next_++;
  running_.emplace(number,
                   std::make_unique<lanes::ChildProcess>(
                       loop_, std::move(spec), [this, number, on_result = std::move(on_result)](const lanes::ChildEnd& end) {
                         const auto process = running_.extract(number);  // ends with this call
                         on_result(result_of(end));
                       }));
}

}  // namespace venturi::server
