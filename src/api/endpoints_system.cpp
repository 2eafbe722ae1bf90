// The server itself: its configuration, what runs in it, what it is made of.
#include <unistd.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "api/api.h"
#include "api/endpoints.h"
#include "api/listing.h"
#include "catalog/catalog.h"

namespace venturi::api {
namespace {

// ---- configuration -------------------------------------------------------------------------------------------------------

void check_exposed(const Call& call) {
  if (call.api->config().text("api.expose_config") == "False")
    throw Refusal{403, "Your Airflow administrator chose not to expose the configuration, most likely for security reasons."};
}

struct Option {
  std::string_view section, key;
  std::string value;
};

std::vector<Option> options_of(const Config& config) {
  std::vector<Option> options;
  std::size_t i = 0;
  for (const ConfigKey& key : config_keys)
    options.push_back({key.section, key.key, key.secret ? "< hidden >" : config.settings()[i].text}), ++i;
  return options;
}

net::HttpServerResponse shown_options(const Call& call, const std::vector<Option>& options) {
  const bool as_text = call.accept.starts_with("text/plain");
  if (!as_text && !call.accept.empty() && !call.accept.starts_with("*/*") && !call.accept.starts_with("application/json"))
    throw Refusal{406, "Only application/json or text/plain is supported"};
  std::string text;
  Array sections;
  for (const Option& option : options) {
    if (sections.empty() || sections.back().get_string("name") != option.section) {
      text += fmt::format("{}[{}]\n", sections.empty() ? "" : "\n", option.section);
      sections.emplace_back(Object{{"name", std::string(option.section)}, {"options", Array{}}});
    }
    text += fmt::format("{} = {}\n", option.key, option.value);
    sections.back().as_object().find("options")->as_array().emplace_back(
        Object{{"key", std::string(option.key)}, {"value", option.value}});
  }
  if (as_text) return {200, std::move(text), "text/plain; charset=utf-8"};
  return json(Object{{"sections", std::move(sections)}});
}

void get_config(const Call& call, const Reply& reply) {
  check_exposed(call);
  auto options = options_of(call.api->config());
  if (const auto section = call.text("section"); section && !section->empty()) {
    std::erase_if(options, [&](const Option& option) { return option.section != *section; });
    if (options.empty()) throw Refusal{404, fmt::format("Section {} not found.", *section)};
  }
  reply(shown_options(call, options));
}

void get_config_value(const Call& call, const Reply& reply) {
  check_exposed(call);
  auto options = options_of(call.api->config());
  std::erase_if(options, [&](const Option& o) { return o.section != call.at("section") || o.key != call.at("option"); });
  if (options.empty()) throw Refusal{404, fmt::format("Option [{}/{}] not found.", call.at("section"), call.at("option"))};
  reply(shown_options(call, options));
}

// ---- jobs ----------------------------------------------------------------------------------------------------------------

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

// One process is all of them, and it answered now.
void get_jobs(const Call& call, const Reply& reply) {
  call.api->command(Object{{"command", "health of parts"}}, reply, [call](const Value& parts) {
    const auto started = parse_time(parts.get_string("started_at"));
    const std::string host = host_name();
    std::vector<Value> rows;
    std::int64_t id = 0;
    for (const char* type : {"SchedulerJob", "TriggererJob", "DagProcessorJob"}) {
      const bool is_scheduler = ++id == 1;
      const Value row = Object{{"id", id},
                               {"dag_id", Value()},
                               {"state", "running"},
                               {"job_type", type},
                               {"start_date", date_or_null(started)},
                               {"end_date", Value()},
                               {"latest_heartbeat", format_time(call.api->now())},
                               {"executor_class", is_scheduler ? Value("LocalExecutor") : Value()},
                               {"hostname", host},
                               {"unixname", std::to_string(::geteuid())},
                               {"dag_display_name", Value()}};
      const bool fits = fits_dates(call, "start_date", started) && fits_dates(call, "end_date", std::nullopt) &&
                        fits_any(call, "job_state", "running") && fits_any(call, "job_type", type) &&
                        fits_any(call, "hostname", host) &&
                        fits_any(call, "executor_class", row.get_string("executor_class")) && call.boolean("is_alive", true);
      if (fits) rows.push_back(row);
    }
    constexpr std::array<Column<Value>, 5> columns{
        {{"id", [](const Value& row) { return row.get_value("id"); }},
         {"job_type", [](const Value& row) { return row.get_value("job_type"); }},
         {"state", [](const Value& row) { return row.get_value("state"); }},
         {"start_date", [](const Value& row) { return row.get_value("start_date"); }},
         {"latest_heartbeat", [](const Value& row) { return row.get_value("latest_heartbeat"); }}}};
    order_rows<Value>(call, rows, columns);
    return page_of_rows(call, "jobs", rows, [](const Value& row) { return row; });
  });
}

// ---- what it is made of --------------------------------------------------------------------------------------------------

void get_providers(const Call& call, const Reply& reply) {
  reply(page_of_rows(call, "providers", catalog::providers(), [](const catalog::ProviderInfo& provider) {
    return Value(Object{{"package_name", fmt::format("venturi-providers-{}", provider.name)},
                        {"description", provider.description},
                        {"version", VENTURI_VERSION},
                        {"documentation_url", Value()}});
  }));
}

// What is of the user's own is in DAG programs: nothing is loaded into the server.
void get_plugins(const Call& call, const Reply& reply) {
  (void)call.page();
  reply(page_of("plugins", {}, 0));
}
void get_plugin_import_errors(const Call&, const Reply& reply) {
  reply(page_of("import_errors", {}, 0));
}

constexpr Field config_query[] = {{"section", Field::Type::text}};
constexpr Field job_query[] = {VENTURI_PAGE,
                               VENTURI_DATES("start_date"),
                               VENTURI_DATES("end_date"),
                               {"job_state", Field::Type::text},
                               {"job_type", Field::Type::text},
                               {"hostname", Field::Type::text},
                               {"executor_class", Field::Type::text},
                               {"is_alive", Field::Type::boolean}};
constexpr Field pages[] = {{"limit", Field::Type::integer}, {"offset", Field::Type::integer}};

}  // namespace

std::span<const Endpoint> system_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/config", "get_config", Permission::op, get_config, config_query},
      {"GET", "/api/v2/config/section/{section}/option/{option}", "get_config_value", Permission::op, get_config_value},
      {"GET", "/api/v2/jobs", "get_jobs", Permission::viewer, get_jobs, job_query},
      {"GET", "/api/v2/providers", "get_providers", Permission::viewer, get_providers, pages},
      {"GET", "/api/v2/plugins", "get_plugins", Permission::viewer, get_plugins, pages},
      {"GET", "/api/v2/plugins/importErrors", "import_errors", Permission::viewer, get_plugin_import_errors},
  };
  return list;
}

}  // namespace venturi::api
