// Large XComs on their way in:
//
//   SetXCom ─▶ thread of XComFiles: JSON for the metadata, or a file, synced ─▶ loop: the row ─▶ commit ─▶ answer
//
// Until the row is in the batch, what else the try says waits: no success overtakes the XComs that were sent before it.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "server/task_host.h"
#include "task/msgpack.h"

namespace venturi::server {

struct LargeXCom {
  NewXCom xcom;
  std::string file;     // its name; empty: the value is in xcom.text
  std::string refused;  // why; then there is nothing else
  std::optional<Error> trouble;
};

namespace {

constexpr auto retry_every = std::chrono::seconds(1);

// In the thread. `folder_of` gives the folder of the run's files.
LargeXCom make(const std::string& packed, const TaskHost::Options& options, const XComFiles& files) {
  LargeXCom made;
  NewXCom& xcom = made.xcom;
  const auto text = [&](std::string_view key) {
    const std::string_view bytes = task::packed_bytes(packed, key);
    return bytes.empty() ? Value() : task::decode_msgpack(bytes);
  };
  try {
    xcom.key = xcom_key(Object{{"dag_id", text("dag_id")},
                               {"run_id", text("run_id")},
                               {"task_id", text("task_id")},
                               {"map_index", text("map_index")},
                               {"key", text("key")}});
    const std::string_view value = task::packed_bytes(packed, "value");
    const task::PackedShape shape = task::packed_shape(value);
    xcom.type = shape.type;
    xcom.length = shape.length;
    if (static_cast<std::int64_t>(value.size()) > options.max_xcom_bytes) {
      made.refused = fmt::format(
          "XCom '{}' has {} bytes, more than the {} of [core] max_xcom_bytes: raise that, or write what is so large to a file "
          "of "
          "the run and return the file",
          xcom.key.key, value.size(), options.max_xcom_bytes);
      return made;
    }
    if (static_cast<std::int64_t>(value.size()) <= options.max_xcom_in_metadata) {
      xcom.text = to_json(task::decode_msgpack(value));
      if (static_cast<std::int64_t>(xcom.text.size()) <= options.max_xcom_in_metadata) return made;
    }
    auto name = write_xcom_file(files.folder_of(xcom.key), value);
    if (!name) {
      made.trouble = std::move(name.error());
      return made;
    }
    made.file = std::move(*name);
    xcom.text = store::xcom_in_file(made.file);
  } catch (const std::runtime_error& e) {  // ProtocolError, ValueError
    made.refused = fmt::format("an XCom of {} bytes cannot be read: {}", packed.size(), e.what());
  }
  return made;
}

}  // namespace

void TaskHost::packed_message(LaunchToken token, const std::string& type, std::string packed, const OnReply& reply) {
  if (type != "SetXCom") return message(token, task::decode_msgpack(packed), reply);
  auto shared = std::make_shared<const std::string>(std::move(packed));
  if (waits_in_line(token, [this, token, shared, reply] { set_large_xcom(token, shared, reply); })) return;
  set_large_xcom(token, shared, reply);
}

void TaskHost::set_large_xcom(LaunchToken token, std::shared_ptr<const std::string> packed, const OnReply& reply) {
  if (!counts(token)) {
    scheduler_.when_durable([reply] { reply({}); });
    return next_in_line(token);
  }
  lines_.try_emplace(token);
  files_.run([this, token, packed = std::move(packed), reply, options = options_, &files = files_]() -> JobThread::Then {
    const auto made = std::make_shared<LargeXCom>(make(*packed, options, files));
    return [this, alive = alive_, token, packed, made, reply] {
      if (*alive) on_large_xcom(token, packed, *made, reply);
    };
  });
}

void TaskHost::on_large_xcom(LaunchToken token, const std::shared_ptr<const std::string>& packed, LargeXCom& made,
                             const OnReply& reply) {
  if (made.trouble) {
    // As with a disk that does not take a batch: the try waits, nothing is lost.
    const std::string why = made.trouble->text();
    if (why != std::exchange(disk_trouble_, why)) log_error("a task waits until its XCom can be written: " + why);
    return files_.run_after(retry_every, [this, alive = alive_, token, packed, reply] {
      if (*alive) set_large_xcom(token, packed, reply);
    });
  }
  disk_trouble_.clear();
  const store::XComKey key = made.xcom.key;
  if (!made.file.empty()) files_.has(key);
  bool is_kept = false;
  if (!counts(token)) {
    scheduler_.when_durable([reply] { reply({}); });
  } else {
    auto refused = made.refused.empty() ? add_xcom(token, std::move(made.xcom)) : refusal("GENERIC_ERROR", made.refused);
    is_kept = !refused;
    answer_xcom(token, std::move(refused), reply);
  }
  if (!is_kept && !made.file.empty()) files_.remove(files_.folder_of(key) / made.file);
  next_in_line(token);
}

void TaskHost::let_file_go(const store::XComKey& key) {
  if (!files_.may_have(key)) return;
  const auto old = reader_.xcom(key);
  if (!old || !*old) return;  // where it cannot be read now, the sweep of the next start finds the file
  const auto file = store::file_of_xcom(**old);
  if (!file) return;
  (void)scheduler_.writes();  // the batch of what comes in its place
  scheduler_.when_durable([this, alive = alive_, path = files_.folder_of(key) / *file] {
    if (*alive) files_.remove(path);
  });
}

bool TaskHost::waits_in_line(LaunchToken token, std::function<void()> call) {
  const auto line = lines_.find(token);
  if (line == lines_.end()) return false;
  line->second.push_back(std::move(call));
  return true;
}

void TaskHost::next_in_line(LaunchToken token) {
  auto line = lines_.extract(token);
  while (!line.empty() && !line.mapped().empty()) {
    const auto call = std::move(line.mapped().front());
    line.mapped().pop_front();
    call();
    // It may be another large one: the rest waits for that.
    if (const auto again = lines_.find(token); again != lines_.end()) {
      again->second.insert(again->second.end(), line.mapped().begin(), line.mapped().end());
      return;
    }
  }
}

}  // namespace venturi::server
