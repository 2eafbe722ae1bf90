#include "lanes/cpp/describe.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

namespace venturi::lanes {

namespace {

// A program that has answered but does not end.
constexpr std::chrono::seconds exit_grace{2};
constexpr std::size_t most_printed = 4000;

constexpr const char* no_dag_program =
    "; a program in the DAGs folder must be built with Venturi's SDK: list others in .airflowignore";

std::string printed(const ChildEnd& end) {
  std::string_view text = end.output;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  if (text.empty()) return "\nIt printed nothing.";
  if (text.size() > most_printed) {
    text.remove_prefix(text.size() - most_printed);
    return "\nIt printed, at last:\n..." + std::string(text);
  }
  return "\nIt printed:\n" + std::string(text);
}

constexpr std::size_t most_unread = 64 << 10;

std::string seconds(std::chrono::milliseconds t) {
  return t.count() % 1000 == 0 ? std::to_string(t.count() / 1000) + " s" : std::to_string(t.count()) + " ms";
}

}  // namespace

Description::Description(EventLoop& loop, const DescribeRequest& request, OnDescribed described)
    : loop_(loop), described_(std::move(described)), timeout_(request.timeout), asks_for_dags_(request.questions.empty()) {
  auto [ours, theirs] = make_socket_pair();
  socket_ = std::move(ours);
  set_non_blocking(socket_.get());
  ChildSpec spec;
  spec.program = request.program;
  spec.environment = clean_environment();
  spec.directory = request.bundle_path;
  spec.standard_input = std::move(theirs);
  spec.memory_bytes = request.memory_bytes;
  spec.timeout = request.timeout;
  child_ = std::make_unique<ChildProcess>(loop, std::move(spec), [this](const ChildEnd& end) { on_end(end); });
  loop.watch(socket_.get(), EPOLLIN, [this](std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) write_out();
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) on_readable();
  });
  watched_ = true;
  Object first{{"type", asks_for_dags_ ? "DagFileParseRequest" : "AnswerQuestions"},
               {"file", request.file},
               {"bundle_path", request.bundle_path},
               {"bundle_name", request.bundle_name}};
  if (asks_for_dags_)
    first.add("callback_requests", Array{});
  else
    first.add("questions", request.questions);
  answer(0, std::move(first));
}

Description::~Description() {
  if (grace_timer_) loop_.cancel(*grace_timer_);
  if (watched_) loop_.unwatch(socket_.get());
}

void Description::on_readable() {
  receive();
  if (!rubbish_.empty()) child_->kill();
}

bool Description::receive() {
  // A little at a time: a program that floods us must not keep the loop.
  for (int i = 0; i < 16 && rubbish_.empty(); ++i) {
    std::vector<Fd> unexpected;
    const long n = receive_with_fds(socket_.get(), reader_.buffer(), unexpected);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return false;
    if (n <= 0) {
      // Its end is read from the pidfd; without this the closed socket would wake us for ever.
      if (watched_) loop_.unwatch(socket_.get());
      watched_ = false;
      return false;
    }
    try {
      while (auto frame = reader_.next()) on_frame(*frame);
    } catch (const std::exception& e) {  // ProtocolError, or a body of other types than expected
      rubbish_ = e.what();
    }
  }
  return rubbish_.empty();
}

void Description::on_frame(const task::Frame& frame) {
  const std::string type = frame.body.get_string("type");
  if (type == (asks_for_dags_ ? "DagFileParsingResult" : "QuestionsResult")) {
    if (has_result_) return;
    result_ = frame.body;
    has_result_ = true;
    answer(frame.id, {});
    grace_timer_ = loop_.after(exit_grace, [this] {
      grace_timer_.reset();
      child_->kill();
    });
  } else if (type == "ResendLoggingFD") {
    hand_over_log(frame.id);
  } else if (type == "MaskSecret") {
    answer(frame.id, {});
  } else if (!type.empty()) {
    // Connections and variables belong to tasks: neither a description nor a schedule must depend on them, or see a secret.
    answer(frame.id, Object{{"type", "ErrorResponse"},
                            {"error", "PERMISSION_DENIED"},
                            {"detail", Object{{"message", type + " is not answered while a program is asked for " + subject() +
                                                              ": ask in a task"}}}});
  } else {
    rubbish_ = "a message without a type";
  }
}

void Description::answer(std::int64_t id, const Value& body) {
  // Questions are as many as wait; what follows them is small and rare, unless the program never reads.
  if (is_told_ && out_.size() > most_unread) {
    rubbish_ = "requests without reading the answers";
    return;
  }
  out_ += task::encode_frame(id, body);
  is_told_ = true;
  write_out();
}

void Description::write_out() {
  while (!out_.empty()) {
    const ssize_t n = ::send(socket_.get(), out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0)
      out_.clear();  // one that has ended shows as that
    else
      out_.erase(0, static_cast<std::size_t>(n));
  }
  if (out_.empty() && wants_log_) hand_over_log(*std::exchange(wants_log_, std::nullopt));
  if (watched_) loop_.rewatch(socket_.get(), out_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void Description::hand_over_log(std::int64_t id) {
  if (!out_.empty()) {
    wants_log_ = id;
    return;
  }
  const std::string bytes = task::encode_frame(id, Object{{"type", "SentFDs"}, {"fds", Array{Value(3)}}});
  const int log = child_->output_descriptor();
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &log, sizeof log);
  if (::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno == EAGAIN)
    rubbish_ = "requests without reading the answers";
}

void Description::on_end(const ChildEnd& end) {
  if (!has_result_ && rubbish_.empty() && end.kind != ChildEnd::Kind::timed_out) {
    // What it sent just before it ended may still lie in the socket.
    while (watched_ && receive()) {}
  }
  if (grace_timer_) loop_.cancel(*grace_timer_);
  grace_timer_.reset();
  Result<Value> result = outcome(end);
  const auto call = std::move(described_);
  call(std::move(result));
}

std::string Description::subject() const {
  return asks_for_dags_ ? "its DAGs" : "what its own classes say";
}

Result<Value> Description::outcome(const ChildEnd& end) {
  // The answer counts when it is there, even where the program then fell over its own end: its DAGs are known.
  if (has_result_) return std::move(result_);
  const auto failed = [&](ErrorKind kind, const std::string& what) { return fail(kind, what + printed(end)); };
  if (!rubbish_.empty())
    return failed(ErrorKind::invalid,
                  "the program sent rubbish when asked for " + subject() + ": " + rubbish_ + no_dag_program);
  switch (end.kind) {
    case ChildEnd::Kind::not_started:
      return fail(ErrorKind::unavailable, std::string("the program cannot be started: ") + std::strerror(end.value) +
                                              "; build it for this machine, statically or with libraries that are here");
    case ChildEnd::Kind::timed_out:
      return failed(ErrorKind::exhausted, "the program hangs: asked for " + subject() + " it did not answer within " +
                                              seconds(timeout_) + " and was ended; move long work " +
                                              (asks_for_dags_ ? "from main() and global objects " : "") + "into tasks");
    case ChildEnd::Kind::signaled:
      return failed(ErrorKind::invalid, "the program crashed when asked for " + subject() + ": killed by signal " +
                                            std::to_string(end.value) + " (" + ::strsignal(end.value) +
                                            (end.value == SIGKILL ? "), from outside or for lack of memory"
                                                                  : "); run it in a debugger to see where"));
    case ChildEnd::Kind::exited:
      break;
  }
  if (!reader_.empty())
    return failed(ErrorKind::invalid, "the program ended with exit code " + std::to_string(end.value) +
                                          " in the middle of a message about " + subject() + no_dag_program);
  return failed(ErrorKind::invalid, "the program ended with exit code " + std::to_string(end.value) + " and did not tell " +
                                        subject() + no_dag_program);
}

}  // namespace venturi::lanes
