// Lists that are asked for with a body, across DAGs and runs: each is put together from the lists of GET, so that the same
// filters are served, and refused.
#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "api/api.h"
#include "api/endpoints.h"
#include "api/listing.h"
#include "base/json.h"

namespace venturi::api {
namespace {

struct Source {
  std::string path;
  std::optional<std::string> task_id;
};

struct Gathering {
  Api* api;
  std::string user;
  std::vector<Source> sources;
  std::multimap<std::string, std::string, std::less<>> filters;
  std::string list;   // its member of the answers
  std::string order;  // a member of the rows
  bool descending = false;
  std::size_t offset = 0, limit = 0;
  Reply reply;
  std::size_t at = 0, of_source = 0;  // rows that came of the present source
  std::vector<Value> rows = {};
  std::int64_t total = 0;
};

// What has no value comes last in both directions, as in the lists of the sources.
void sort(Gathering& g) {
  sort_rows(g.rows, [&](const Value& a, const Value& b) {
    const Value left = a.get_value(g.order), right = b.get_value(g.order);
    if (left.is_null() || right.is_null()) return !left.is_null();
    return g.descending ? compare(right, left) < 0 : compare(left, right) < 0;
  });
}

// Of several sources; the one of a single source is its own.
net::HttpServerResponse page_of_all(Gathering& g) {
  if (g.sources.size() == 1) return page_of(g.list, std::move(g.rows), static_cast<std::size_t>(g.total));
  sort(g);
  Array page;
  for (std::size_t i = g.offset; i < g.rows.size() && page.size() < g.limit; ++i) page.push_back(std::move(g.rows[i]));
  return page_of(g.list, std::move(page), static_cast<std::size_t>(g.total));
}

void gather_on(const std::shared_ptr<Gathering>& g);

void take(const std::shared_ptr<Gathering>& g, const net::HttpServerResponse& response, std::size_t asked) {
  constexpr unsigned not_found = 404;
  const auto body = parse_json(response.body);
  if (response.status != not_found && (response.status != 200 || !body)) return g->reply(response);
  std::size_t count = 0;
  if (response.status != not_found) {  // of a DAG or run that is not there nothing is listed
    const Array& rows = body->at(g->list).as_array();
    count = rows.size();
    g->rows.insert(g->rows.end(), rows.begin(), rows.end());
    if (g->of_source == 0) g->total += body->get_int("total_entries");
  }
  g->of_source += count;
  const std::size_t needed = g->offset + g->limit;
  if (g->sources.size() == 1 || count < asked || g->of_source >= needed) {
    ++g->at;
    g->of_source = 0;
    if (g->sources.size() > 1 && g->rows.size() >= 2 * needed) {  // however many sources: no more than the page may need
      sort(*g);
      g->rows.resize(needed);
    }
  }
  g->api->after(std::chrono::milliseconds(0), [g] { gather_on(g); });
}

// Of each source as many as the page may need of it.
void gather_on(const std::shared_ptr<Gathering>& g) {
  if (g->at == g->sources.size()) return answer(g->reply, [&] { return page_of_all(*g); });
  const Source& source = g->sources[g->at];
  const auto most = static_cast<std::size_t>(g->api->config().integer("api.maximum_page_limit"));
  const bool is_alone = g->sources.size() == 1;
  const std::size_t wanted = is_alone ? g->limit : std::min(most, g->offset + g->limit - g->of_source);
  Match match = find_endpoint("GET", source.path);
  Call call{.api = g->api,
            .endpoint = match.endpoint,
            .path = std::move(match.path),
            .query = g->filters,
            .body = {},
            .user = g->user,
            .accept = {}};
  if (source.task_id) call.query.emplace("task_id", *source.task_id);
  call.query.emplace("limit", std::to_string(wanted));
  call.query.emplace("offset", std::to_string(is_alone ? g->offset : g->of_source));
  const Reply took = [g, wanted](const net::HttpServerResponse& response) { take(g, response, wanted); };
  attempt(took, [&] {
    if (match.endpoint == nullptr) throw Refusal{404, "Not Found"};  // no ID that a path could have
    check_query(*match.endpoint, call);
    match.endpoint->handler(call, took);
  });
}

// Texts of a list in the body, each once; one nothing where there is no list.
std::vector<std::optional<std::string>> given_ids(const Call& call, std::string_view name) {
  const Value* given = call.body.get(name);
  if (given == nullptr) return {std::nullopt};
  std::vector<std::optional<std::string>> texts;
  std::set<std::string> known;
  for (const Value& item : given->as_array()) {
    const Array at{Value("body"), Value(std::string(name))};
    if (!item.is_string()) throw Refusal{422, Array{problem("string_type", at, "Input should be a valid string", item)}};
    const std::string& id = item.as_string();
    if (id.empty()) throw Refusal{422, Array{problem("string_too_short", at, "String should have at least 1 character", item)}};
    if (known.insert(id).second) texts.emplace_back(id);
  }
  return texts;
}

std::string encoded(const std::optional<std::string>& id) {
  if (!id) return std::string(any_id);
  std::string text;
  for (const char c : *id) text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return text;
}

void gather(const Call& call, const Reply& reply, std::vector<Source> sources, std::string list, const std::string& first_order,
            std::span<const std::pair<std::string_view, std::string_view>> renamed) {
  constexpr std::size_t most_sources = 1000;
  if (sources.size() > most_sources)
    throw Refusal{400, fmt::format("At most {} combinations of DAGs, runs and tasks are served at once", most_sources)};
  Gathering g{.api = call.api,
              .user = call.user,
              .sources = std::move(sources),
              .filters = {},
              .list = std::move(list),
              .order = first_order,
              .reply = reply};
  for (const auto& [name, value] : call.body.as_object()) {
    if (value.is_null() || name == "page_limit" || name == "page_offset" || name.ends_with("_ids")) continue;
    const auto other = std::ranges::find(renamed, std::string_view(name), [](const auto& r) { return r.first; });
    const std::string query_name(other == renamed.end() ? std::string_view(name) : other->second);
    const Array one{value};
    for (const Value& item : value.is_array() ? value.as_array() : one) {
      const std::string text = item.is_string() ? item.as_string() : item.is_null() ? "none" : to_json(item);
      g.filters.emplace(query_name, text);
    }
  }
  if (const auto order = call.body.get_string("order_by"); !order.empty()) {
    g.descending = order.starts_with('-');
    const std::string column = order.substr(g.descending ? 1 : 0);
    g.order = column == "id" ? first_order : column == "run_id" ? "dag_run_id" : column;
  }
  const auto check = [&](const char* name, std::int64_t otherwise) {
    const std::int64_t given = call.body.get_int(name, otherwise);
    if (given < 0)
      throw Refusal{422, Array{problem("greater_than_equal", {Value("body"), Value(name)},
                                       "Input should be greater than or equal to 0", given)}};
    return static_cast<std::size_t>(given);
  };
  g.offset = check("page_offset", 0);
  g.limit = std::min(check("page_limit", 100), static_cast<std::size_t>(call.api->config().integer("api.maximum_page_limit")));
  constexpr std::size_t most_rows = 10'000;
  if (g.sources.size() > 1 && (g.offset > most_rows || g.offset + g.limit > most_rows))
    throw Refusal{422,
                  Array{problem("less_than_equal", {Value("body"), Value("page_offset")},
                                fmt::format("page_offset and page_limit should come to {} at most where several DAGs, runs "
                                            "or tasks are listed: ask for one of them at a time",
                                            most_rows),
                                static_cast<std::int64_t>(g.offset))}};
  gather_on(std::make_shared<Gathering>(std::move(g)));
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 1> run_names{{{"states", "state"}}};

void get_list_dag_runs_batch(const Call& call, const Reply& reply) {
  if (call.at("dag_id") != any_id) throw Refusal{422, "dag_id must be `~`"};
  std::vector<Source> sources;
  for (const auto& dag_id : given_ids(call, "dag_ids")) sources.push_back({"/api/v2/dags/" + encoded(dag_id) + "/dagRuns", {}});
  gather(call, reply, std::move(sources), "dag_runs", "queued_at", run_names);
}

void get_task_instances_batch(const Call& call, const Reply& reply) {
  if (call.at("dag_id") != any_id || call.at("dag_run_id") != any_id) throw Refusal{422, "dag_id and dag_run_id must be `~`"};
  std::vector<Source> sources;
  for (const auto& dag_id : given_ids(call, "dag_ids")) {
    for (const auto& run_id : given_ids(call, "dag_run_ids")) {
      for (const auto& task_id : given_ids(call, "task_ids"))
        sources.push_back({fmt::format("/api/v2/dags/{}/dagRuns/{}/taskInstances", encoded(dag_id), encoded(run_id)), task_id});
    }
  }
  gather(call, reply, std::move(sources), "task_instances", "id", {});
}

#define BATCH                                                                                                               \
  {"order_by", Field::Type::text}, {"page_offset", Field::Type::integer, false, false},                                     \
      {"page_limit", Field::Type::integer, false, false}, {"dag_ids", Field::Type::array}, VENTURI_DATES("run_after"),      \
      VENTURI_DATES("logical_date"), VENTURI_DATES("start_date"), VENTURI_DATES("end_date"),                                \
      {"duration_gte", Field::Type::number}, {"duration_gt", Field::Type::number}, {"duration_lte", Field::Type::number}, { \
    "duration_lt", Field::Type::number                                                                                      \
  }
constexpr Field run_batch[] = {BATCH, {"states", Field::Type::array}, {"conf_contains", Field::Type::text}};
constexpr Field task_instance_batch[] = {BATCH,
                                         {"dag_run_ids", Field::Type::array},
                                         {"task_ids", Field::Type::array},
                                         {"state", Field::Type::array},
                                         {"pool", Field::Type::array},
                                         {"queue", Field::Type::array},
                                         {"executor", Field::Type::array}};

}  // namespace

std::span<const Endpoint> batch_endpoints() {
  static const Endpoint list[] = {
      {"POST",
       "/api/v2/dags/{dag_id}/dagRuns/list",
       "get_list_dag_runs_batch",
       Permission::viewer,
       get_list_dag_runs_batch,
       {},
       run_batch},
      {"POST",
       "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/list",
       "get_task_instances_batch",
       Permission::viewer,
       get_task_instances_batch,
       {},
       task_instance_batch},
  };
  return list;
}

}  // namespace venturi::api
