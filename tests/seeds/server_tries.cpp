// What tries say, and what becomes of it.
#include <algorithm>
#include <utility>

#include "seeds/server.h"
#include "seeds/world.h"

namespace venturi::seeds {

using namespace std::chrono_literals;

namespace {

engine::TryFailed failure(LaunchToken token, Time at, EndReason reason, bool may_retry = true) {
  engine::TryFailed failed;
  failed.token = token;
  failed.at = at;
  failed.may_retry = may_retry;
  failed.reason = reason;
  return failed;
}

}  // namespace

// To the engine. Where it has nothing else to do, its state is looked at before and after: what a launch says that does not
// count any more changes nothing.
void Server::tell(const engine::Event& event, LaunchToken token) {
  engine_->step(engine::Tick{}, tell_time());
  std::optional<engine::Snapshot> before;
  if (!engine().has_work()) before = engine().snapshot();
  step(event);
  world_.memory_changed();
  world_.tell(&Invariant::told, world_.view(), token, before ? &*before : nullptr);
}

void Server::on(const TryStarted& started) {
  step_lazily(engine::TryStarted{started.token, started.at, 1});
}

void Server::on(const TryMessage& message) {
  hear(message.token, message.at, message.said);
  answer_request(message.id, message.token, ends_the_try(message.said));
}

void Server::answer_request(std::int64_t id, LaunchToken token, bool is_end) {
  auto answer = [this, id, token, is_end, connection = connection_] {
    if (is_end) world_.tell(&Invariant::end_answered, world_.view(), token);
    world_.network.send(connection, ToWorker(AnswerRequest{id}));
  };
  if (answers_before_commit()) return answer();
  when_durable(std::move(answer));
}

void Server::hear(LaunchToken token, Time at, const Said& said) {
  if (const auto event = event_of(token, at, said)) tell(*event, token);
}

std::optional<engine::Event> Server::event_of(LaunchToken token, Time at, const Said& said) {
  const Task* task = engine().task_of(token);
  const auto is_mapped_over = [&](const std::string& key) {
    return task != nullptr && std::ranges::find(task->mapped_keys, key) != task->mapped_keys.end();
  };
  return std::visit(
      [&]<class S>(const S& s) -> std::optional<engine::Event> {
        if constexpr (std::is_same_v<S, SetXCom> || std::is_same_v<S, DeleteXCom>) {
          const auto launch = engine().launch_of(token);
          if (!launch) return std::nullopt;
          const store::XComKey key{launch->run.dag_id, launch->run.run_id, launch->ti.task_id, launch->ti.map_index, s.key};
          std::optional<std::int32_t> length;
          if constexpr (std::is_same_v<S, SetXCom>) {
            if (is_mapped_over(s.key)) length = s.length;
            std::erase(writes().deleted_xcoms, key);
            writes().xcoms.push_back({key, "[]", launch->run.no, length});
          } else {
            writes().deleted_xcoms.push_back(key);
          }
          if (!is_mapped_over(s.key)) return std::nullopt;
          return engine::XComChanged{token, s.key, length};
        } else if constexpr (std::is_same_v<S, SkipDownstreamTasks>) {
          return engine::SkipDownstream{token, s.task_ids};
        } else if constexpr (std::is_same_v<S, DeferInPlace>) {
          return engine::TryDeferredInPlace{token, at, "airflow.triggers.Trigger"};
        } else if constexpr (std::is_same_v<S, SucceedTask>) {
          const bool gave_all =
              task == nullptr || task->is_mapped() ||
              std::ranges::all_of(task->mapped_keys, [&](const auto& key) { return engine().has_xcom_length(token, key); });
          if (!gave_all) return failure(token, at, EndReason::none);
          engine::TrySucceeded success{token, at, {}};
          if (task != nullptr) {
            for (const Outlet& outlet : task->outlets) {
              if (const auto key = partition_by_chance(token.sequence))
                success.outlet_events.push_back({outlet.key, Object{}, "", key, {}});
            }
            for (const OutletAlias& alias : task->outlet_aliases)
              success.outlet_events.push_back({asset_through_an_alias(token), Object{}, alias.name, {}, Object{}});
          }
          return success;
        } else if constexpr (std::is_same_v<S, FailTask>) {
          return failure(token, at, EndReason::none, s.may_retry);
        } else if constexpr (std::is_same_v<S, SkipTask>) {
          return engine::TrySkipped{token, at};
        } else if constexpr (std::is_same_v<S, RescheduleTask>) {
          return engine::TryRescheduled{token, at, at + s.in};
        } else {
          return engine::TryDeferred{token, at,        "airflow.triggers.Trigger", {},      at + s.fires_in,
                                     {},    s.timeout, "execute_complete",         Object{}};
        }
      },
      said);
}

void Server::on(const TryExited& exited) {
  if (exited.exit != Exit::ok && engine().counts(exited.token)) {
    if (exited.exit == Exit::lost) {
      world_.tell(&Invariant::called_lost, exited.token, world_.worker_may_have_lost(exited.token));
      tell(engine::TryLost{exited.token, world_.time.wall(), "its worker died while it ran"}, exited.token);
    } else {
      tell(failure(exited.token, world_.time.wall(), exited.exit == Exit::killed ? EndReason::killed : EndReason::exit_code),
           exited.token);
    }
  }
  answer_request(exited.id, exited.token, false);
}

}  // namespace venturi::seeds
