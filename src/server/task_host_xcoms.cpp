// What tasks ask about XComs: those of the metadata are answered at once; files are read, and what is large is put together,
// by the thread of XComFiles. Values go out as they came in, in msgpack: nothing of a large one is decoded on the way.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/json.h"
#include "model/dict_order.h"
#include "server/task_host.h"
#include "task/frame.h"
#include "task/msgpack.h"

namespace venturi::server {
namespace {

// What an answer may hold besides the value.
constexpr std::size_t room_for_names = 16UL << 10U;
constexpr auto list_is_kept = std::chrono::seconds(10);
constexpr std::size_t most_items = 1'000'000;  // of [core] max_map_length

// Who asks may say how much it can take: the tries of an operator host share its memory.
std::int64_t most_of(const Value& body) {
  return body.get_int("max_bytes", static_cast<std::int64_t>(task::max_frame_bytes - room_for_names));
}

Reply too_large(const store::XComKey& key, std::int64_t size, std::int64_t most) {
  const std::string message = fmt::format(
      "XCom '{}' of task {} has {} bytes, more than the {} that can be read here: read it in a task in C++ or Python, "
      "or hand on a file of the run",
      key.key, key.task_id, size, most);
  return not_found("XCOM_TOO_LARGE", {{"message", message}});
}

// Of a dict the items are pairs of key and value, as in Airflow.
Value item_of(const Value& list, std::int64_t item) {
  const auto at = static_cast<std::size_t>(item);
  if (list.is_array() && at < list.as_array().size()) return list.as_array()[at];
  if (!list.is_object() || at >= list.as_object().size()) return {};
  const auto& [key, value] = *(list.as_object().begin() + item);
  return Array{Value(key), value};
}

Value xcom_result(const store::XComKey& key, Value value) {
  return Object{{"type", "XComResult"}, {"key", key.key}, {"value", std::move(value)}};
}

// The answer whose value has these bytes, whole.
Reply packed_answer(std::string_view type, const std::string& key, std::string_view name, std::string_view bytes,
                    std::optional<std::int64_t> next = std::nullopt) {
  std::string answer, envelope;
  task::MapWriter body(answer);
  body.add("type", type);
  if (!key.empty()) body.add("key", key);
  body.add_packed(name, bytes);
  if (next) body.add("next", *next);
  task::MapWriter map(envelope);
  map.add("type", "PackedAnswer");
  map.add("packed", answer);
  return {{}, {}, std::move(envelope)};
}

// A value as its row has it, in msgpack. In the thread.
Result<std::string> packed_value(const std::string& text, const std::filesystem::path& folder) {
  if (const auto file = store::file_of_xcom(text)) return read_xcom_file(folder / *file);
  auto value = parse_json(text);
  if (!value) return std::unexpected(std::move(value.error()));
  return task::pack(*value);
}

std::int64_t size_of(const std::string& text, const std::filesystem::path& folder) {
  const auto file = store::file_of_xcom(text);
  if (!file) return static_cast<std::int64_t>(text.size());
  std::error_code error;
  const auto size = std::filesystem::file_size(folder / *file, error);
  return error ? 0 : static_cast<std::int64_t>(size);  // reading it says what is wrong
}

// Python's slice: null is left out, negative positions count from the end. Nothing where step is 0.
std::optional<std::vector<std::size_t>> slice(const Value& body, std::int64_t size) {
  const std::int64_t step = body.get("step") == nullptr ? 1 : body.at("step").as_int();
  if (step == 0) return std::nullopt;
  const auto position = [&](std::string_view name, std::int64_t otherwise) {
    const Value* given = body.get(name);
    if (given == nullptr) return otherwise;
    const std::int64_t at = given->as_int() < 0 ? given->as_int() + size : given->as_int();
    return step > 0 ? std::clamp<std::int64_t>(at, 0, size) : std::clamp<std::int64_t>(at, -1, size - 1);
  };
  const std::int64_t stop = position("stop", step > 0 ? size : -1);
  std::vector<std::size_t> items;
  for (std::int64_t i = position("start", step > 0 ? 0 : size - 1); step > 0 ? i < stop : i > stop; i += step) {
    items.push_back(static_cast<std::size_t>(i));
  }
  return items;
}

Reply slice_of(const std::vector<std::string>& texts, const std::filesystem::path& folder, std::optional<std::int64_t> next) {
  std::string list;
  task::append_array_head(list, texts.size());
  for (const std::string& text : texts) {
    const auto bytes = packed_value(text, folder);
    if (!bytes) return of_error(bytes.error());
    list += *bytes;
    if (list.size() <= task::max_frame_bytes - room_for_names) continue;
    return refusal("API_SERVER_ERROR", fmt::format("the XComs of these {} instances have together more than the {} bytes of a "
                                                   "message: read them by their map_index",
                                                   texts.size(), task::max_frame_bytes));
  }
  return packed_answer("XComSequenceSliceResult", {}, "root", list, next);
}

struct ReadList {
  std::shared_ptr<const std::string> bytes;
  std::vector<std::string_view> items;
  std::optional<Error> error;
};

ReadList read_items(const std::filesystem::path& path) {
  ReadList list;
  auto bytes = read_xcom_file(path);
  if (!bytes) {
    list.error = std::move(bytes.error());
    return list;
  }
  auto shared = std::make_shared<const std::string>(std::move(*bytes));
  try {
    list.items = task::packed_items(*shared, most_items);
    // A packed text begins with its length: this is in_mapped_order().
    if (task::packed_shape(*shared).type == std::string_view("object")) std::ranges::sort(list.items);
    list.bytes = std::move(shared);
  } catch (const task::ProtocolError& e) {
    list.error = Error{ErrorKind::corrupt, std::string("the XCom is damaged: ") + e.what(), path.string(), {}};
  }
  return list;
}

}  // namespace

bool TaskHost::xcom_question(const std::string& type, const Value& body, const OnReply& reply) {
  if (type == "GetXCom")
    get_xcom(body, reply);
  else if (type == "GetXComSequenceItem")
    get_xcom_sequence_item(body, reply);
  else if (type == "GetXComSequenceSlice")
    get_xcom_sequence_slice(body, reply);
  else
    return false;
  return true;
}

void TaskHost::get_xcom(const Value& body, const OnReply& reply) {
  const store::XComKey key = xcom_key(body);
  const std::int64_t most = most_of(body);
  // Venturi's own: one item of a list, for an instance of a task that is mapped over it.
  if (const Value* item = body.get("item")) return get_xcom_item(key, item->as_int(), most, reply);
  const auto found = reader_.xcom(key);
  if (!found) return reply(of_error(found.error()));
  if (!*found) return reply({xcom_result(key, {}), {}});
  const std::filesystem::path folder = files_.folder_of(key);
  if (const std::int64_t size = size_of(**found, folder); size > most) return reply(too_large(key, size, most));
  if (!store::file_of_xcom(**found)) {
    auto value = parse_json(**found);
    return reply(value ? Reply{xcom_result(key, std::move(*value)), {}} : of_error(value.error()));
  }
  files_.run([text = **found, folder, name = key.key, reply]() -> JobThread::Then {
    const auto bytes = packed_value(text, folder);
    const auto answer =
        std::make_shared<Reply>(bytes ? packed_answer("XComResult", name, "value", *bytes) : of_error(bytes.error()));
    return [answer, reply] { reply(std::move(*answer)); };
  });
}

void TaskHost::get_xcom_item(const store::XComKey& key, std::int64_t item, std::int64_t most, const OnReply& reply) {
  if (!list_.value || list_.key != key) {
    const auto found = reader_.xcom(key);
    if (!found) return reply(of_error(found.error()));
    const auto file = *found ? store::file_of_xcom(**found) : std::nullopt;
    if (file) {
      const std::filesystem::path path = files_.folder_of(key) / *file;
      return read_list(key, path, [this, key, item, most, reply](const Error* error) {
        if (error != nullptr) return reply(of_error(*error));
        list_.used = true;
        const auto at = static_cast<std::size_t>(item);
        if (item < 0 || at >= list_.items.size()) return reply({xcom_result(key, {}), {}});
        std::string bytes(list_.items[at]);
        if (static_cast<std::int64_t>(bytes.size()) > most)
          return reply(too_large(key, static_cast<std::int64_t>(bytes.size()), most));
        if (task::packed_shape(*list_.bytes).type == std::string_view("object")) bytes.insert(0, "\x92");
        reply(packed_answer("XComResult", key.key, "value", bytes));
      });
    }
    auto whole = *found ? parse_json(**found) : Value();
    if (!whole) return reply(of_error(whole.error()));
    list_.key = key;
    list_.value = whole->is_object() ? Value(in_mapped_order(whole->as_object())) : std::move(*whole);
  }
  reply({xcom_result(key, item_of(*list_.value, item)), {}});
}

// One after the other ask for items of the same list, and many of them before it was read once.
void TaskHost::read_list(const store::XComKey& key, const std::filesystem::path& path,
                         const std::function<void(const Error*)>& then) {
  if (list_.path == path) return then(nullptr);
  auto& waiting = reading_lists_[path];
  waiting.push_back(then);
  if (waiting.size() > 1) return;
  files_.run([this, alive = alive_, key, path]() -> JobThread::Then {
    const auto read = std::make_shared<ReadList>(read_items(path));
    return [this, alive, key, path, read] {
      if (!*alive) return;
      const auto asked = reading_lists_.extract(path);
      if (read->bytes) {
        list_.key = key;
        list_.value.reset();
        list_.path = path;
        list_.bytes = std::move(read->bytes);
        list_.items = std::move(read->items);
        forget_list_when_idle();
      }
      for (const auto& call : asked.mapped()) call(read->error ? &*read->error : nullptr);
    };
  });
}

void TaskHost::forget_list_when_idle() {
  list_.used = true;
  if (std::exchange(list_.timer, true)) return;
  files_.run_after(list_is_kept, [this, alive = alive_] {
    if (!*alive) return;
    list_.timer = false;
    if (list_.used) {
      forget_list_when_idle();
      list_.used = false;
      return;
    }
    list_.path.clear();
    list_.items.clear();
    list_.bytes.reset();
  });
}

void TaskHost::get_xcom_sequence_item(const Value& body, const OnReply& reply) {
  const store::XComKey key = xcom_key(body);
  const auto texts = reader_.xcom_sequence(key, body.at("offset").as_int(), 1);
  if (!texts) return reply(of_error(texts.error()));
  if (texts->empty()) return reply(not_found("XCOM_NOT_FOUND", {{"key", key.key}, {"offset", body.at("offset")}}));
  const std::filesystem::path folder = files_.folder_of(key);
  const std::string& text = texts->front();
  if (const std::int64_t size = size_of(text, folder); size > most_of(body)) return reply(too_large(key, size, most_of(body)));
  if (!store::file_of_xcom(text)) {
    auto value = parse_json(text);
    return reply(value ? Reply{Object{{"type", "XComSequenceIndexResult"}, {"root", std::move(*value)}}, {}}
                       : of_error(value.error()));
  }
  files_.run([text, folder, reply]() -> JobThread::Then {
    const auto bytes = packed_value(text, folder);
    const auto answer =
        std::make_shared<Reply>(bytes ? packed_answer("XComSequenceIndexResult", {}, "root", *bytes) : of_error(bytes.error()));
    return [answer, reply] { reply(std::move(*answer)); };
  });
}

void TaskHost::get_xcom_sequence_slice(const Value& body, const OnReply& reply) {
  if (body.get("page_bytes") != nullptr) return get_xcom_sequence_page(body, reply);
  const store::XComKey key = xcom_key(body);
  auto texts = reader_.xcom_sequence(key, 0, -1);
  if (!texts) return reply(of_error(texts.error()));
  const auto wanted = slice(body, static_cast<std::int64_t>(texts->size()));
  if (!wanted) return reply(refusal("API_SERVER_ERROR", "a slice with step 0"));
  std::vector<std::string> chosen;
  std::int64_t size = 0;
  for (const std::size_t i : *wanted) size += size_of(chosen.emplace_back(std::move((*texts)[i])), files_.folder_of(key));
  if (size > most_of(body)) return reply(too_large(key, size, most_of(body)));
  answer_sequence(key, std::move(chosen), size, std::nullopt, reply);
}

// Venturi's own: those from `start` on, as many as are about "page_bytes" together, and where the next page begins.
void TaskHost::get_xcom_sequence_page(const Value& body, const OnReply& reply) {
  constexpr std::int64_t most_in_page = 1000;
  const store::XComKey key = xcom_key(body);
  const std::int64_t start = std::max<std::int64_t>(body.get_int("start"), 0), most = body.get_int("page_bytes");
  auto texts = reader_.xcom_sequence(key, start, most_in_page + 1);
  if (!texts) return reply(of_error(texts.error()));
  std::vector<std::string> chosen;
  std::int64_t size = 0;
  for (std::string& text : *texts) {
    const std::int64_t more = size_of(text, files_.folder_of(key));
    const bool is_full = static_cast<std::int64_t>(chosen.size()) == most_in_page || size + more > most;
    if (!chosen.empty() && is_full) break;
    size += more;
    chosen.push_back(std::move(text));
  }
  const bool is_last = chosen.size() == texts->size();
  const std::int64_t next = start + static_cast<std::int64_t>(chosen.size());
  answer_sequence(key, std::move(chosen), size, is_last ? std::nullopt : std::optional(next), reply);
}

void TaskHost::answer_sequence(const store::XComKey& key, std::vector<std::string> texts, std::int64_t size,
                               std::optional<std::int64_t> next, const OnReply& reply) {
  const std::filesystem::path folder = files_.folder_of(key);
  const bool is_small = size <= options_.max_xcom_in_metadata &&
                        std::ranges::none_of(texts, [](const auto& text) { return store::file_of_xcom(text).has_value(); });
  if (!is_small) {
    return files_.run([texts = std::move(texts), folder, next, reply]() -> JobThread::Then {
      const auto answer = std::make_shared<Reply>(slice_of(texts, folder, next));
      return [answer, reply] { reply(std::move(*answer)); };
    });
  }
  Array items;
  for (const std::string& text : texts) {
    auto value = parse_json(text);
    if (!value) return reply(of_error(value.error()));
    items.push_back(std::move(*value));
  }
  Object answer{{"type", "XComSequenceSliceResult"}, {"root", std::move(items)}};
  if (next) answer.add("next", *next);
  reply({std::move(answer), {}});
}

}  // namespace venturi::server
