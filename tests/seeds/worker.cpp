#include "seeds/worker.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "seeds/world.h"

namespace venturi::seeds {

using namespace std::chrono_literals;

namespace {

constexpr Duration connect_every = 500ms;

worker::Token token_of(LaunchToken token) {
  return {token.epoch, token.sequence};
}
LaunchToken token_of(worker::Token token) {
  return {token.epoch, token.sequence};
}

}  // namespace

Worker::Worker(World& world, Disk& disk) : world_(world), disk_(disk), record_(disk.folder) {
  std::set<LaunchToken> told;
  for (const Request& left : disk_.journal) {
    if (std::holds_alternative<TryExited>(left.body)) told.insert(left.token);
    pending_.emplace(next_id_++, left);
  }
  // What the predecessor accepted and did not see to its end.
  for (const worker::Token token : record_.unsettled()) {
    if (told.contains(token_of(token))) continue;
    request({token_of(token), TryExited{0, token_of(token), Exit::lost}});
  }
  connect();
}

void Worker::lose_record(const Disk& disk) {
  std::filesystem::remove(disk.folder + "/launch.rec");
}

// ---- the connection ------------------------------------------------------------------------------------------------------

void Worker::connect() {
  if (!world_.server) {
    world_.time.after(connect_every, life_, [this] { connect(); });
    return;
  }
  connection_ = world_.network.connect();
  world_.network.send(connection_, ToServer(WorkerHello{record_.worker_id()}));
}

void Worker::on_lost(Network::Connection connection) {
  if (connection != connection_) return;
  world_.story.tell("the worker sees that the connection is lost");
  connection_ = 0;
  is_ready_ = false;
  answers_.clear();
  journal();
  world_.time.after(connect_every, life_, [this] { connect(); });
}

void Worker::on_frame(Network::Connection connection, const ToWorker& frame) {
  if (connection != connection_) return;
  std::visit([this](const auto& f) { on(f); }, frame);
}

void Worker::on(const ServerHello& hello) {
  world_.worker_is_greeted(hello.sent_below);
  record_.begin_epoch(hello.epoch, hello.sent_below);
  record_.forget_below(hello.horizon);
  is_ready_ = true;
  for (const auto& [id, left] : pending_) send(id);
}

void Worker::on(const Horizon& horizon) {
  record_.forget_below(horizon.sequence);
}

void Worker::on(const RunCallback& callback) {
  const bool ok = !world_.random.one_in(4);
  world_.time.after(world_.random.up_to(500ms), life_, [this, no = callback.no, ok, connection = connection_] {
    world_.network.send(connection, ToServer(CallbackResult{no, ok}));
  });
}

void Worker::send(std::int64_t id) {
  std::visit(
      [&](auto body) {
        body.id = id;
        world_.network.send(connection_, ToServer(body));
      },
      pending_.at(id).body);
}

void Worker::request(Request made) {
  const std::int64_t id = next_id_++;
  pending_.emplace(id, std::move(made));
  if (is_ready_)
    send(id);
  else
    journal();
}

// While there is no server: the writes of tries that have told how they end.
void Worker::journal() {
  if (std::exchange(is_journalling_, true)) return;
  world_.time.after(world_.random.up_to(3ms), life_, [this] {
    is_journalling_ = false;
    if (is_ready_) return;
    std::set<LaunchToken> told;
    for (const auto& [id, left] : pending_) {
      const auto* message = std::get_if<TryMessage>(&left.body);
      if (message == nullptr || ends_the_try(message->said)) told.insert(left.token);
    }
    for (auto& [id, left] : pending_) {
      if (!told.contains(left.token) || std::exchange(left.is_journalled, true)) continue;
      disk_.journal.push_back(left);
    }
  });
}

void Worker::on(const AnswerRequest& answer) {
  const auto found = pending_.find(answer.id);
  if (found == pending_.end()) return;
  const Request answered = std::move(found->second);
  pending_.erase(found);
  if (std::ranges::none_of(pending_, [](const auto& left) { return left.second.is_journalled; })) disk_.journal.clear();
  if (std::holds_alternative<TryExited>(answered.body)) return record_.settle(token_of(answered.token));
  const auto of_try = tries_.find(answered.token);
  if (of_try == tries_.end() || of_try->second.outcome != answer.id) return;
  world_.time.after(world_.random.up_to(5ms), of_try->second.life, [this, token = answered.token] { end(token, Exit::ok); });
}

// ---- launches ------------------------------------------------------------------------------------------------------------

bool Worker::accepts(LaunchToken token) const {
  return record_.fate(token_of(token)) == worker::LaunchRecord::Fate::none && record_.would_know(token_of(token));
}

void Worker::on(const ExecuteTask& launch) {
  const LaunchToken token = launch.launch->ti.token;
  if (!accepts(token)) return world_.story.tell("the worker refuses {}", words(token));
  record_.accept(token_of(token));
  launches_.push_back(launch);
  write_record();
}

TokenState Worker::state_of(LaunchToken token) {
  using Fate = worker::LaunchRecord::Fate;
  switch (record_.fate(token_of(token))) {
    case Fate::accepted: {
      const bool is_launching =
          std::ranges::any_of(launches_, [&](const ExecuteTask& launch) { return launch.launch->ti.token == token; });
      return is_launching || tries_.contains(token) ? TokenState::running : TokenState::ended;
    }
    case Fate::refused:
      return TokenState::never_started;
    case Fate::none:
      if (!record_.would_know(token_of(token))) return TokenState::unknown;
      record_.refuse(token_of(token));  // a frame that is still on its way must find it refused
      return TokenState::never_started;
    case Fate::settled:
      break;
  }
  return TokenState::unknown;
}

void Worker::on(const AskTokens& question) {
  TokenStates answer{question.id, {}};
  for (const LaunchToken token : question.tokens) answer.states.push_back(state_of(token));
  answers_.push_back(std::move(answer));
  write_record();
}

// What was accepted and refused since the last time is on disk before it has an effect.
void Worker::write_record() {
  if (std::exchange(writes_record_, true)) return;
  world_.time.after(world_.random.up_to(5ms), life_, [this] {
    writes_record_ = false;
    if (record_.write()) record_.synced(record_.sync().empty());
    for (TokenStates& answer : std::exchange(answers_, {})) world_.network.send(connection_, ToServer(std::move(answer)));
    for (const ExecuteTask& launch : std::exchange(launches_, {})) begin(launch);
    killed_.clear();
  });
}

void Worker::on(const KillTry& kill) {
  if (const auto found = tries_.find(kill.token); found != tries_.end()) {
    world_.time.after(world_.random.up_to(3s), found->second.life, [this, token = kill.token] { end(token, Exit::killed); });
  } else {
    killed_.push_back(kill.token);
  }
}

// ---- tries ---------------------------------------------------------------------------------------------------------------

void Worker::begin(const ExecuteTask& launch) {
  const LaunchToken token = launch.launch->ti.token;
  if (std::ranges::find(killed_, token) != killed_.end()) return request({token, TryExited{0, token, Exit::killed}});
  world_.story.tell("the worker begins {}, try {}, {}", words(launch.launch->ti), launch.launch->ti.try_number, words(token));
  world_.tell(&Invariant::body_began, *launch.launch);
  Try& t = tries_[token];
  t.launch = launch.launch;
  t.body = world_.body_of(*launch.launch);
  world_.network.send(connection_, ToServer(TryStarted{token, world_.time.wall()}));
  for (const std::string& key : launch.xcom_keys) request({token, TryMessage{0, token, DeleteXCom{key}, world_.time.wall()}});
  if (t.body.defers_in_place) {
    request({token, TryMessage{0, token, DeferInPlace{}, world_.time.wall()}});
    world_.tell(&Invariant::body_spoke, *t.launch, true);  // whoever loses it may begin to wait again
  }
  world_.time.after(t.body.lasts, t.life, [this, token] { speak(token); });
}

void Worker::speak(LaunchToken token) {
  Try& t = tries_.at(token);
  bool goes_on = t.body.defers_in_place;  // also without a word
  for (const Said& said : t.body.says) {
    t.outcome = next_id_;
    goes_on = t.body.defers_in_place || std::holds_alternative<RescheduleTask>(said) || std::holds_alternative<DeferTask>(said);
    request({token, TryMessage{0, token, said, world_.time.wall()}});
  }
  world_.tell(&Invariant::body_spoke, *t.launch, goes_on);
  const bool waits = !t.body.says.empty() && ends_the_try(t.body.says.back());
  if (!waits) end(token, Exit::exit_code);
}

void Worker::end(LaunchToken token, Exit exit) {
  const auto found = tries_.find(token);
  if (found == tries_.end()) return;
  tries_.erase(found);
  request({token, TryExited{0, token, exit}});
}

}  // namespace venturi::seeds
