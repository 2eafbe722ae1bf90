// What the server says to the supervisor, and what that does.
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/kill_point.h"
#include "worker/answer_secrets.h"
#include "worker/supervisor.h"

namespace venturi::worker {

Value Supervisor::hello() {
  Array tries;
  for (const auto& [token, t] : by_token_) {
    tries.push_back(Object{{"token", to_value(token)}, {"ti_id", t->ti_id}, {"state", "running"}, {"pid", t->pid}});
  }
  for (const Token& token : server_.unanswered_exits()) {
    tries.push_back(Object{{"token", to_value(token)}, {"ti_id", nullptr}, {"state", "ended"}, {"pid", 0}});
  }
  return Object{{"type", "WorkerHello"},
                {"version", VENTURI_VERSION},
                {"pid", ::getpid()},
                {"worker_id", record_.worker_id()},
                {"parallelism", options_.parallelism},
                {"horizon", record_.horizon()},
                {"recorded", record_.highest()},
                {"tries", std::move(tries)}};
}

void Supervisor::on_server_hello(const Value& body) {
  record_.begin_epoch(static_cast<std::uint64_t>(body.at("epoch").as_int()),
                      static_cast<std::uint64_t>(body.get_int("sent_below")));
  record_.forget_below(static_cast<std::uint64_t>(body.get_int("horizon")));
}

void Supervisor::on_server_message(task::Frame frame) {
  const std::string type = frame.body.get_string("type");
  if (type == "ExecuteTask") {
    on_execute_task(std::move(frame.body));
  } else if (type == "AskTokens") {
    ask_tokens(frame.id, frame.body);
  } else if (type == "KillTry") {
    kill_try(frame.body);
  } else if (type == "Horizon") {
    record_.forget_below(static_cast<std::uint64_t>(frame.body.at("sequence").as_int()));
  } else if (type == "Drain") {
    drain();
  } else if (type == "RunCallback") {
    callbacks_.run(frame.id, frame.body);
  } else if (type == "Watch") {
    watch(frame.body);
  } else {
    throw task::ProtocolError("'" + type + "' means nothing to a worker");
  }
}

void Supervisor::on_execute_task(Value body) {
  const Token token = parse_token(body.at("token"));
  // A launch that comes while we drain stays without a word: the next worker is asked about it, and never saw it.
  if (draining_) return;
  const bool fresh = record_.fate(token) == LaunchRecord::Fate::none && record_.would_know(token);
#ifdef VENTURI_BREAK_TOKEN_TWICE
  const bool accepted = true;
#else
  const bool accepted = fresh;
#endif
  if (!accepted) {
    server_.send(Object{{"type", "TryRefused"},
                        {"token", to_value(token)},
                        {"why", "this launch was carried out or refused before, or its number cannot be checked any more"},
                        {"reason", "token"}});
    return;
  }
  record_.accept(token);
  launches_.push_back({token, std::move(body), {}});
}

void Supervisor::ask_tokens(std::int64_t frame, const Value& body) {
  TokenQuestion question{.frame = frame, .states = {}, .refused_now = {}};
  for (const Value& value : body.at("tokens").as_array()) {
    const Token token = parse_token(value);
    const auto fate = record_.fate(token);
    const char* state = "unknown";
    if (fate == LaunchRecord::Fate::accepted) {
      const bool launching = std::any_of(launches_.begin(), launches_.end(), [&](const Launch& l) { return l.token == token; });
      state = launching || by_token_.contains(token) ? "running" : "ended";
    } else if (fate == LaunchRecord::Fate::refused) {
      state = "never_started";
    } else if (fate == LaunchRecord::Fate::none && record_.would_know(token)) {
      // A frame that is still on its way must find it refused.
      record_.refuse(token);
      question.refused_now.push_back(question.states.size());
      state = "never_started";
    }
    question.states.emplace_back(state);
  }
  questions_.push_back(std::move(question));
}

void Supervisor::kill_try(const Value& body) {
  const Token token = parse_token(body.at("token"));
  const std::string reason = body.get_string("reason", "killed");
  for (Launch& launch : launches_) {
    if (launch.token == token) launch.killed = "the server asked for its end: " + reason;
  }
  if (Try* t = find_try(token)) {
    const bool timeout = reason == "timeout" || reason == "dagrun_timeout";
    stop(*t, timeout ? Cause::timeout : Cause::killed, "the server asked for its end: " + reason);
  }
}

// Its callbacks and clean-up have so long, as in Airflow ([core] task_success_overtime).
void Supervisor::allow_overtime(Try& t) {
  t.outcome_answered = true;
  if (t.deadline != 0) loop_.cancel(std::exchange(t.deadline, 0));
  // A process may be done before its warm process says that it made it: on_made() comes back here.
  if (t.pid == 0 || t.status || t.reported) return;
  t.deadline = loop_.after(options_.overtime, [this, &t] {
    t.deadline = 0;
    stop(t, Cause::overtime, "it did not end in time after it had told its outcome");
  });
}

// The try that a message of the host's is of.
Try* Supervisor::asker_of(const Request& request) {
  if (request.session == 0) return find_try(request.token);
  const auto found = tries_.find(request.session);
  return found == tries_.end() ? nullptr : found->second.get();
}

void Supervisor::on_answer(const Request& request, const task::Frame& answered) {
  switch (request.from) {
    case Request::From::task: {
      const auto found = tries_.find(request.process);
      if (found == tries_.end()) return;
      Try& t = *found->second;
      --t.open_questions;
      if (const auto secrets = secrets_of_answer(answered.body); !secrets.empty()) {
        logs_reader_.add_secrets(t, secrets);
        light_.mask(t, secrets);
      }
      kill_point("worker.before_answer");
      answer(t, request.frame, answered.body, answered.error);
      if (request.outcome) allow_overtime(t);
      return;
    }
    case Request::From::host:
      if (request.process != host_.generation()) return;
      if (Try* t = asker_of(request); t != nullptr) {
        if (const auto secrets = secrets_of_answer(answered.body); !secrets.empty()) logs_reader_.add_secrets(*t, secrets);
        if (request.outcome) t->outcome_answered = true;
      }
      host_.send(request.frame, answered.body, answered.error);
      return;
    case Request::From::exit:
    case Request::From::journal_exit:
      record_.settle(request.token);
      return;
    case Request::From::journal:
      return;
  }
}

}  // namespace venturi::worker
