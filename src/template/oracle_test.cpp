// Every row of tests/oracle/tables/templates.json: what a task of a real Airflow rendered in three kinds of run.
#include <gtest/gtest.h>

#include "base/testing/oracle_table.h"
#include "template/airflow_context.h"
#include "template/testing/contexts.h"

namespace venturi::templates {
namespace {

// The DAG's params with the conf's in their place.
AirflowFacts facts_of(std::string run, std::optional<Time> start, std::optional<Time> end, Object conf) {
  AirflowFacts facts;
  facts.dag_id = "orc_template_table_a";
  facts.run_id = "oracle_tmpl_" + std::move(run);
  facts.logical_date = facts.data_interval_end = end;
  facts.data_interval_start = start;
  facts.task_id = "r";
  facts.start_date = parse_time("2024-05-06T07:08:09.123456Z");
  Object params{{"p", "pp"}, {"n", 3}, {"l", Array{"x", "y"}}, {"d", Object{{"k", "kv"}}}, {"who", "dag"}};
  for (const auto& [key, value] : conf) params.set(key, value);
  facts.params = std::move(params);
  facts.conf = std::move(conf);
  facts.dag = Object{{"dag_id", facts.dag_id}, {"max_active_runs", 16}, {"tags", Array{"templates", "oracle"}}};
  facts.task = Object{{"task_id", "r"}, {"trigger_rule", "all_success"}};
  return facts;
}

FetchedLookups answers(const AirflowFacts& facts) {
  FetchedLookups lookups;
  lookups.add(variable_request("orc_plain"), "pv");
  lookups.add(variable_request("orc_json"), "{\"a\": {\"b\": 3}}");
  lookups.add(variable_request("orc_jinja"), "{{ ds }}");
  lookups.add(connection_request("orc_conn"), Object{{"conn_id", "orc_conn"},
                                                     {"conn_type", "http"},
                                                     {"host", "h.example"},
                                                     {"port", 8088},
                                                     {"login", "u"},
                                                     {"password", "p"},
                                                     {"extra", "{\"k\": \"v\"}"}});
  const auto xcom = [&](const char* task, const char* key) {
    return xcom_request({facts.dag_id, facts.run_id, task, key, std::nullopt, false});
  };
  for (const std::int64_t index : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}}) {
    const auto at = [&](const char* key) { return xcom_request({facts.dag_id, facts.run_id, "src", key, index, false}); };
    lookups.add(at("return_value"), Object{{"list", Array{1, 2}}, {"text", "tx"}});
    lookups.add(at("second"), "2nd");
  }
  lookups.add(xcom("src", "return_value"), Array{Object{{"list", Array{1, 2}}, {"text", "tx"}}});
  lookups.add(xcom("src", "second"), Array{"2nd"});
  return lookups;
}

// Renders as a caller does: fetches what is asked for, and there is nothing but what `lookups` has.
std::string render(const Template& parsed, const AirflowFacts& facts, FetchedLookups lookups) {
  for (int i = 0; i < 10; ++i) {
    auto outcome = parsed.render(AirflowContext(facts, lookups));
    if (const auto* text = std::get_if<std::string>(&outcome)) return *text;
    lookups.add(std::get<NotYet>(outcome).request, std::nullopt);
  }
  throw std::runtime_error("asks again and again");
}

TEST(Oracle, Templates) {
  const Time fixed = *parse_time("2024-05-06T07:08:09.123456Z");
  const std::pair<const char*, AirflowFacts> runs[] = {
      {"fixed", facts_of("fixed", fixed, fixed, {{"c", Object{{"n", 3}}}, {"who", "conf"}})},
      {"interval",
       facts_of("interval", parse_time("2024-01-31T06:00:00Z"), parse_time("2024-02-01T06:00:00Z"), {{"c", Object{{"n", 5}}}})},
      {"dateless", facts_of("dateless", std::nullopt, std::nullopt, {{"who", "x"}})},
  };
  auto environment = std::make_shared<Environment>();
  environment->zones = std::make_shared<const testing::BerlinZone>();
  int rows = 0;
  oracle::Table table("templates");
  table.check([&](const Value& row) {
    const std::string source = row.get_string("template");
    for (const auto& [run, facts] : runs) {
      ++rows;
      const Value& expected = row.at(run);
      std::string wanted = expected.is_object() ? "error " + expected.get_string("error") : "text " + expected.as_string();
      if (wanted == "error JSONDecodeError") wanted = "error ValueError";  // which it is, too
      std::string found;
      try {
        found = "text " + render(Template(source, "the template", environment), facts, answers(facts));
      } catch (const TemplateError& error) {
        found = "error " + std::string(python_name(error.kind()));
      }
      EXPECT_EQ(found, wanted) << run << ": " << source;
    }
  });
  if (table.is_ours()) EXPECT_EQ(rows, 3 * 178);
}

}  // namespace
}  // namespace venturi::templates
