#include "operators/mover_try.h"

#include <poll.h>

#include <cerrno>
#include <system_error>

#include "base/errno_error.h"
#include "operators/outcome.h"

namespace venturi::operators {

MoverTry::MoverTry(const Value& details, int requests, Fd log_socket, const StopSignal& stop_signal)
    : facts(details),
      op(details.at("operator")),
      template_details(TemplateDetails::of(details, op)),
      run_dir(details.get_string("run_dir")),
      stop(stop_signal),
      log(std::move(log_socket), {}),
      requests_(requests) {}

task::Frame MoverTry::next_answer() {
  for (;;) {
    pollfd ready[2] = {{requests_, POLLIN, 0}, {stop.fd(), POLLIN, 0}};
    if (::poll(ready, 2, -1) < 0 && errno != EINTR) throw errno_error("poll");
    if ((ready[1].revents & POLLIN) != 0) throw Stopped();
    if (ready[0].revents == 0) continue;
    auto answer = task::read_frame(requests_);
    if (!answer) throw task::ProtocolError("the worker closed the socket");
    return *std::move(answer);
  }
}

Value MoverTry::ask(const Value& message) {
  task::write_frame(requests_, next_id_++, message);
  return body_of(next_answer(), message.get_string("type"));
}

void MoverTry::tell(const std::vector<Value>& messages) {
  std::string frames;
  for (const Value& message : messages) task::append_frame(frames, next_id_++, message);
  if (!write_all(requests_, frames)) throw errno_error("write to the worker");
  for (const Value& message : messages) {
    try {
      (void)body_of(next_answer(), message.get_string("type"));
    } catch (const TaskFailed& e) {
      log.error(e.what());
    }
  }
}

Connection MoverTry::connection(const std::string& conn_id) {
  Connection connection = read_connection(ask(get_connection(conn_id)), conn_id);
  log.add_secrets(connection_secrets(connection));
  return connection;
}

std::string MoverTry::default_file() const {
  return facts.task_id + (facts.map_index < 0 ? std::string() : "." + std::to_string(facts.map_index)) + ".rows";
}

}  // namespace venturi::operators
