// Logs of tries: as JSON, or line by line as they are written. What a token continues is where the answer before it ended.
#include <algorithm>
#include <chrono>
#include <fstream>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/endpoints.h"
#include "base/json.h"
#include "server/old_logs.h"
#include "server/run_paths.h"

namespace venturi::api {
namespace {

// Bytes of one answer; a try whose log has more goes on with the token.
constexpr std::int64_t json_page = std::int64_t{4} << 20, stream_page = std::int64_t{16} << 20,
                       whole_page = std::int64_t{64} << 20;

constexpr std::size_t largest_log = std::size_t{1} << 30;

enum class LogForm : std::uint8_t { json, ndjson };
LogForm log_form(const Call& call) {
  const auto begins = [&](std::string_view type) { return call.accept.starts_with(type); };
  if (call.accept.empty() || begins("*/*") || begins("application/json")) return LogForm::json;
  if (begins("application/x-ndjson")) return LogForm::ndjson;
  throw Refusal{406, "Only application/json or application/x-ndjson is supported"};
}

struct Chunk {
  std::string text;  // whole_page lines
  std::int64_t end = 0;
  bool is_last = true;  // of what is there now
};

// A line that is not yet complete is left for later, unless nobody writes it any more.
Chunk read_lines(const std::filesystem::path& path, std::int64_t from, std::int64_t most, bool has_ended) {
  std::ifstream file(path, std::ios::binary);
  Chunk chunk;
  std::int64_t size = 0;
  if (file) {
    file.seekg(0, std::ios::end);
    size = file.tellg();
    if (from >= size) return {.text = {}, .end = from};
    chunk.text.resize(static_cast<std::size_t>(std::min(most, size - from)));
    file.seekg(from);
    file.read(chunk.text.data(), static_cast<std::streamsize>(chunk.text.size()));
    chunk.text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  } else {  // an old one is compressed
    const auto whole = must(server::read_log(path.string(), largest_log));
    size = whole ? std::ssize(*whole) : 0;
    if (from >= size) return {.text = {}, .end = from};
    chunk.text = whole->substr(static_cast<std::size_t>(from), static_cast<std::size_t>(most));
  }
  const bool reaches_end = from + std::ssize(chunk.text) >= size;
  if (!reaches_end || !has_ended) {
    const std::size_t newline = chunk.text.rfind('\n');
    if (newline != std::string::npos)
      chunk.text.resize(newline + 1);
    else if (reaches_end)
      chunk.text.clear();  // otherwise one line is longer than a page: it goes in parts
  }
  chunk.end = from + std::ssize(chunk.text);
  chunk.is_last = chunk.end >= size || (reaches_end && chunk.text.empty());
  return chunk;
}

// What a crash cut off is shown as it is.
std::string valid_line(std::string_view line) {
  const auto event = parse_json(line);
  return event && event->is_object() ? std::string(line) : to_json(Value(Object{{"event", std::string(line)}}));
}

std::string joined(const std::string& text, std::string_view between, std::string_view end) {
  std::string all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t newline = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, newline - at);
    if (!line.empty()) all.append(all.empty() ? "" : between).append(valid_line(line)).append(end);
    at = newline + 1;
  }
  return all;
}

std::int64_t position_of(const Call& call, const std::filesystem::path& path) {
  const auto token = call.text("token");
  if (!token || token->empty()) return 0;
  const auto content = call.api->unsealed(*token);
  const auto metadata = content ? parse_json(*content) : Value();
  if (!metadata || !metadata->is_object() || metadata->get_string("log") != path.string())
    throw Refusal{400, "Bad Signature. Please use only the tokens provided by the API."};
  return metadata->get_int("log_pos");
}

void get_log(const Call& call, const Reply& reply) {
  const LogForm form = log_form(call);
  const std::int64_t number = call.path_integer("try_number");
  const FoundTaskInstance found = find_task_instance(call, map_index_of_query(call));
  if (number < 1 || number > found.ti.try_number) throw Refusal{404, "TaskInstance not found"};
  const std::filesystem::path path =
      server::log_path(found.run.dag_id, found.run.run_id, found.ti.task_id, found.ti.map_index, static_cast<int>(number));
  // One that is ended from outside says its last words after that.
  constexpr std::chrono::seconds last_words{2};
  const bool is_quiet = !found.ti.end_date || call.api->now() - *found.ti.end_date > last_words;
  const bool has_ended = number < found.ti.try_number || (is_finished(found.ti.state) && is_quiet);
  const std::int64_t most = call.boolean("full_content", false) ? whole_page : form == LogForm::json ? json_page : stream_page;
  const Chunk chunk = read_lines(call.api->home().logs() / path, position_of(call, path), most, has_ended);
  const bool is_all = chunk.is_last && has_ended;
  const std::string token =
      is_all ? std::string() : call.api->sealed(to_json(Value(Object{{"log", path.string()}, {"log_pos", chunk.end}})));
  if (form == LogForm::ndjson) {
    net::HttpServerResponse response{200, joined(chunk.text, "", "\n"), "application/x-ndjson"};
    if (!is_all) response.headers.emplace_back("Airflow-Continuation-Token", token);
    return reply(std::move(response));
  }
  reply({200, fmt::format(R"({{"content":[{}],"continuation_token":{}}})", joined(chunk.text, ",", ""),
                          is_all ? "null" : to_json(Value(token)))});
}

void get_external_log_url(const Call&, const Reply&) {
  throw Refusal{400, "Task log handler does not support external logs."};
}

constexpr Field log_query[] = {
    {"map_index", Field::Type::integer}, {"full_content", Field::Type::boolean}, {"token", Field::Type::text}};
constexpr Field external_query[] = {{"map_index", Field::Type::integer}};

#define OF_LOGS "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}"

}  // namespace

std::span<const Endpoint> log_endpoints() {
  static const Endpoint list[] = {
      {"GET", OF_LOGS "/logs/{try_number}", "get_log", Permission::viewer, get_log, log_query},
      {"GET", OF_LOGS "/externalLogUrl/{try_number}", "get_external_log_url", Permission::viewer, get_external_log_url,
       external_query},
  };
  return list;
}

}  // namespace venturi::api
