#include "sdk/comms.h"

#include <cerrno>
#include <system_error>

#include "base/errno_error.h"

namespace venturi::inline sdk::internal {
namespace {

void write_out(int fd, const std::string& bytes) {
  if (!write_all(fd, bytes)) throw errno_error("the supervisor does not read any more");
}

void append_request(std::string& bytes, std::int64_t id, const Value& request) {
  try {
    task::append_frame(bytes, id, request);
  } catch (const task::ProtocolError&) {
    refuse_if_xcom(request);
    throw;
  }
}

}  // namespace

void refuse_if_xcom(const Value& request) {
  if (request.get_string("type") != "SetXCom") return;
  throw TooLarge("XCom '" + request.get_string("key") + "' has " + std::to_string(task::pack(request.at("value")).size()) +
                 " bytes, more than the " + std::to_string(task::max_frame_bytes) +
                 " of a message: write what is so large to a file of the run and return the file");
}

std::string error_code(const Answer& answer) {
  if (!answer.error.is_null()) return answer.error.get_string("error", "GENERIC_ERROR");
  return answer.body.get_string("type") == "ErrorResponse" ? answer.body.get_string("error", "GENERIC_ERROR") : std::string();
}

std::string error_text(const Value& error) {
  std::string text = error.get_string("error", "GENERIC_ERROR");
  const Value* detail = error.get("detail");
  if (detail == nullptr) return text;
  if (detail->is_string()) return text + ": " + detail->as_string();
  // Airflow's API nests: {"status_code", "detail": {"reason", "message"}}.
  if (const Value* inner = detail->get("detail")) detail = inner;
  if (const Value* message = detail->get("message"); message != nullptr && message->is_string()) {
    return text + ": " + message->as_string();
  }
  return text + ": " + to_json(*detail);
}

task::Frame Comms::receive() {
  for (;;) {
    if (auto frame = reader_.next()) return std::move(*frame);
    const long n = receive_with_fds(socket_.get(), reader_.buffer(), received_);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw errno_error("reading from the supervisor");
    if (n == 0) {
      throw task::ProtocolError(reader_.empty() ? "the supervisor closed the connection"
                                                : "the supervisor closed the connection inside a message");
    }
  }
}

Value Comms::receive_startup() {
  return receive().body;
}

Answer Comms::answer_to(std::int64_t id) {
  task::Frame frame = receive();
  if (frame.id != id) {
    throw task::ProtocolError("the supervisor answered request " + std::to_string(frame.id) + ", expected was " +
                              std::to_string(id));
  }
  return {std::move(frame.body), std::move(frame.error)};
}

Answer Comms::ask(const Value& request) {
  const std::int64_t id = next_id_++;
  std::string bytes;
  append_request(bytes, id, request);
  write_out(socket_.get(), bytes);
  return answer_to(id);
}

std::vector<Answer> Comms::ask_all(std::span<const Value> requests) {
  std::vector<Answer> answers;
  answers.reserve(requests.size());
  if (!pipelined_) {
    for (const Value& request : requests) answers.push_back(ask(request));
    return answers;
  }
  const std::int64_t first = next_id_;
  std::string bytes;
  for (const Value& request : requests) append_request(bytes, next_id_++, request);
  write_out(socket_.get(), bytes);
  // A write is answered after its commit, a read at once: the answers come in any order, one to each.
  answers.resize(requests.size());
  std::vector<bool> answered(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    task::Frame frame = receive();
    const auto at = static_cast<std::size_t>(frame.id - first);
    if (frame.id < first || at >= requests.size() || answered[at]) {
      throw task::ProtocolError("the supervisor answered request " + std::to_string(frame.id) + ", which does not wait");
    }
    answered[at] = true;
    answers[at] = {std::move(frame.body), std::move(frame.error)};
  }
  return answers;
}

Fd Comms::ask_log_socket() {
  received_.clear();
  const Answer answer = ask(Object{{"type", "ResendLoggingFD"}});
  if (!error_code(answer).empty() || received_.empty()) {
    throw task::ProtocolError("the supervisor did not send a log socket" +
                              (answer.error.is_null() ? std::string() : ": " + error_text(answer.error)));
  }
  Fd log = std::move(received_.front());
  received_.clear();
  return log;
}

}  // namespace venturi::inline sdk::internal
