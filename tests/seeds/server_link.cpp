// The worker's connection: who it is, what it is asked, and when launches go out.
#include <algorithm>
#include <utility>

#include "seeds/server.h"
#include "seeds/world.h"

namespace venturi::seeds {

namespace {

// Each time so many launches were settled.
constexpr std::uint64_t horizon_step = 8;

}  // namespace

void Server::on_frame(Network::Connection connection, const ToServer& frame) {
  if (std::holds_alternative<WorkerHello>(frame)) {
    ready_ = false;
    asked_ = 0;
    connection_ = connection;
  }
  if (connection != connection_) return;
  std::visit([this](const auto& f) { on(f); }, frame);
}

void Server::on_lost(Network::Connection connection) {
  if (connection != connection_) return;
  world_.story.tell("the server sees that the connection is lost");
  connection_ = 0;
  ready_ = false;
  asked_ = 0;
}

void Server::on(const WorkerHello& hello) {
  const auto greet_it = [this, connection = connection_] {
    if (connection == connection_) greet();
  };
  if (hello.worker_id == worker_id_) return greet_it();
  // That this home has a worker is on disk before anything is sent to it.
  worker_id_ = hello.worker_id;
  writes().worker_id = hello.worker_id;
  when_durable(greet_it);
}

void Server::greet() {
  told_horizon_ = engine().horizon();
  world_.network.send(connection_, ToWorker(ServerHello{epoch_, told_horizon_, sent_below_}));
  ask_about_outstanding();
}

void Server::ask_about_outstanding() {
  asked_tokens_.clear();
  for (const auto& outstanding : engine().outstanding()) {
    if (outstanding.token.epoch == epoch_ && outstanding.token.sequence >= sent_below_) continue;
    asked_tokens_.push_back(outstanding.token);
  }
  if (asked_tokens_.empty()) return go_on();
  asked_ = next_request_++;
  world_.network.send(connection_, ToWorker(AskTokens{asked_, asked_tokens_}));
}

void Server::on(const TokenStates& states) {
  if (states.id != asked_) return;
  asked_ = 0;
  for (std::size_t i = 0; i < asked_tokens_.size(); ++i) {
    const LaunchToken token = asked_tokens_[i];
    switch (states.states[i]) {
      case TokenState::never_started:
        tell(engine::TryNeverStarted{token}, token);
        break;
      case TokenState::running:
        if (engine().is_restarting(token)) world_.network.send(connection_, ToWorker(KillTry{token}));
        step_lazily(engine::TryStarted{token, world_.time.wall(), 1});
        break;
      case TokenState::ended:  // the worker tells more by itself
        break;
      case TokenState::unknown:
        if (engine().counts(token)) world_.tell(&Invariant::called_lost, token, world_.worker_may_have_lost(token));
        tell(engine::TryLost{token, world_.time.wall(), "its worker has no record of it any more"}, token);
        break;
    }
  }
  go_on();
}

void Server::go_on() {
  ready_ = true;
  for (auto& [token, launch] : std::exchange(waiting_, {})) {
    if (engine().is_restarting(token))
      tell(engine::TryNeverStarted{token}, token);
    else if (engine().counts(token))
      send_launch(launch);
  }
  std::vector<engine::Deliver> again;
  for (const auto& [no, delivery] : deliveries_) again.push_back(delivery);
  for (engine::Deliver& delivery : engine_->take_due_deliveries()) again.push_back(std::move(delivery));
  for (const engine::Deliver& delivery : again) deliver(delivery);
}

void Server::launch(engine::Launch launch) {
  if (ready_) return send_launch(launch);
  const LaunchToken token = launch.ti.token;
  waiting_.insert_or_assign(token, std::move(launch));
}

void Server::send_launch(const engine::Launch& launch) {
  world_.tell(&Invariant::launch_sent, world_.view(), launch.ti.token);
  sent_below_ = std::max(sent_below_, launch.ti.token.sequence + 1);
  ExecuteTask frame{std::make_shared<const engine::Launch>(launch), {}};
  if (launch.ti.try_number > 1 && !launch.ti.start_date) {  // what an earlier try left; a rescheduled one keeps what it has
    if (const auto left = reader_->xcom_keys(launch.run.no, launch.ti.task_id, launch.ti.map_index)) {
      for (const store::XComKey& key : *left) frame.xcom_keys.push_back(key.key);
    }
  }
  world_.network.send(connection_, ToWorker(std::move(frame)));
  if (engine().horizon() < told_horizon_ + horizon_step) return;
  told_horizon_ = engine().horizon();
  world_.network.send(connection_, ToWorker(Horizon{told_horizon_}));
}

void Server::kill(const engine::Kill& kill) {
  if (waiting_.erase(kill.token) > 0) {
    if (engine().counts(kill.token)) tell(engine::TryNeverStarted{kill.token}, kill.token);
  } else if (ready_) {
    world_.network.send(connection_, ToWorker(KillTry{kill.token}));
  }
}

void Server::deliver(const engine::Deliver& delivery) {
  deliveries_.insert_or_assign(delivery.entry.no, delivery);
  if (ready_) world_.network.send(connection_, ToWorker(RunCallback{delivery.entry.no}));
}

void Server::on(const CallbackResult& result) {
  if (deliveries_.erase(result.no) == 0) return;
  if (result.ok)
    step(engine::OutboxDone{result.no});
  else
    step(engine::OutboxFailed{result.no, "nobody was there"});
}

}  // namespace venturi::seeds
