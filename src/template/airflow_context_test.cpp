// Airflow's names beyond the oracle's table.
#include "template/airflow_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "template/testing/contexts.h"

namespace venturi::templates {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class AirflowContextTest : public ::testing::Test {
 protected:
  AirflowContextTest() {
    facts.dag_id = "d";
    facts.run_id = "r1";
    facts.task_id = "t";
    facts.logical_date = facts.data_interval_end = parse_time("2024-05-06T00:00:00Z");
    facts.data_interval_start = parse_time("2024-05-05T00:00:00Z");
    facts.now = parse_time("2024-05-07T00:00:00Z");
  }
  std::variant<std::string, NotYet> outcome(std::string_view source) {
    return Template(source, "the template", std::make_shared<const Environment>()).render(AirflowContext(facts, lookups));
  }
  std::string render(std::string_view source) { return std::get<std::string>(outcome(source)); }
  Value request(std::string_view source) { return std::get<NotYet>(outcome(source)).request; }
  std::string error(std::string_view source) {
    try {
      render(source);
      return {};
    } catch (const TemplateError& error) {
      return error.what();
    }
  }

  AirflowFacts facts;
  FetchedLookups lookups;
};

TEST_F(AirflowContextTest, DatesOfTheRun) {
  EXPECT_EQ(render("{{ ds }} {{ ds_nodash }} {{ ts }} {{ ts_nodash }} {{ ts_nodash_with_tz }}"),
            "2024-05-06 20240506 2024-05-06T00:00:00+00:00 20240506T000000 20240506T000000+0000");
  EXPECT_EQ(render("{{ data_interval_start | ds }} {{ task_instance_key_str }}"), "2024-05-05 d__t__20240506");
  EXPECT_EQ(render("{{ dag_run.logical_date }} {{ dag_run.run_type == 'manual' }} {{ dag_run.run_type }}"),
            "2024-05-06 00:00:00+00:00 True DagRunType.MANUAL");
  facts.logical_date.reset();
  EXPECT_EQ(render("{{ task_instance_key_str }}"), "d__t__r1");
  EXPECT_THAT(error("{{ ds }}"), HasSubstr("'ds' is undefined: the run has no logical date"));
}

TEST_F(AirflowContextTest, HintsForNames) {
  EXPECT_THAT(error("{{ execution_date }}"),
              HasSubstr("'execution_date' is undefined: Airflow 3 has removed it, use logical_date (the template, line 1)"));
  EXPECT_THAT(error("{{ logical_dat }}"), HasSubstr("did you mean logical_date?"));
  EXPECT_EQ(error("{{ quite_different }}"), "'quite_different' is undefined (the template, line 1)");
  EXPECT_EQ(render("{{ execution_date is defined }}"), "False");
}

TEST_F(AirflowContextTest, WhatHasToBeFetched) {
  EXPECT_EQ(request("{{ var.value.bucket }}"), (Object{{"variable", "bucket"}}));
  EXPECT_EQ(request("{{ var.json.get('k', 1) }}"), (Object{{"variable", "k"}}));
  EXPECT_EQ(request("{{ conn.db.host }}"), (Object{{"connection", "db"}}));
  EXPECT_EQ(request("{{ prev_start_date_success }}"), (Object{{"previous_success", true}}));
  EXPECT_EQ(request("{{ ti.xcom_pull(task_ids='a', map_indexes=[3], key='k') }}"),
            (Object{{"xcom", Object{{"dag_id", "d"},
                                    {"run_id", "r1"},
                                    {"task_id", "a"},
                                    {"key", "k"},
                                    {"map_index", 3},
                                    {"include_prior_dates", false}}}}));
  lookups.add(variable_request("k"), std::nullopt);
  EXPECT_EQ(render("{{ var.json.get('k', 1) }}"), "1");
  lookups.add(variable_request("j"), "{\"a\": [1, {\"b\": null}]}");
  EXPECT_EQ(render("{{ var.json.j.a[1].b }} {{ var.json.j }} {{ var.value.j }}"),
            "None {'a': [1, {'b': None}]} {\"a\": [1, {\"b\": null}]}");
  lookups.add(previous_success_request(), Object{{"start_date", "2024-05-04T01:02:03Z"}, {"end_date", nullptr}});
  EXPECT_EQ(render("{{ prev_start_date_success | ds }} {{ prev_start_date_success.day + 1 }} {{ prev_end_date_success }} {{ "
                   "prev_start_date_success < logical_date }}"),
            "2024-05-04 5 None True");
}

TEST_F(AirflowContextTest, XComs) {
  const auto add = [&](const char* task, std::optional<std::int64_t> index, std::optional<Value> value) {
    lookups.add(xcom_request({"d", "r1", task, "return_value", index, false}), std::move(value));
  };
  add("one", std::nullopt, Array{5});
  add("mapped", std::nullopt, Array{1, 2});
  add("none", std::nullopt, std::nullopt);
  add("mapped", 1, 2);
  add("mapped", 9, std::nullopt);
  EXPECT_EQ(
      render("{{ ti.xcom_pull('one') }} {{ ti.xcom_pull(task_ids='mapped') }} {{ ti.xcom_pull(['one', 'none', 'mapped']) }}"),
      "5 [1, 2] [5, None, 1, 2]");
  EXPECT_EQ(render("{{ ti.xcom_pull('mapped', map_indexes=1) }} {{ ti.xcom_pull('mapped', map_indexes=[1, 9], default='-') }}"),
            "2 [2, '-']");
}

TEST_F(AirflowContextTest, PasswordsAreRenderedButNotReported) {
  lookups.add(connection_request("db"), Object{{"conn_id", "db"},
                                               {"conn_type", "postgres"},
                                               {"host", "h"},
                                               {"login", "u"},
                                               {"password", "s3cret/"},
                                               {"port", 5432},
                                               {"schema", "s"}});
  EXPECT_EQ(render("{{ conn.db.password }} {{ conn.db.get_uri() }} {{ conn.db }}"),
            "s3cret/ postgres://u:s3cret%2F@h:5432/s <Connection 'db'>");
  EXPECT_THAT(error("{{ {}.pop(conn.db.password) }}"), AllOf(HasSubstr("***"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(error("{{ {}[conn.db.password] }}"), AllOf(HasSubstr("***"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(error("{{ macros.datetime.strptime(conn.db.password, '%Y') }}"), Not(HasSubstr("s3cret")));
  lookups.add(connection_request("none"), std::nullopt);
  EXPECT_THAT(error("{{ conn.none.host }}"), HasSubstr("The conn_id `none` isn't defined"));
  EXPECT_EQ(render("{{ conn.get('none', 'x') }}"), "x");
}

TEST_F(AirflowContextTest, Macros) {
  EXPECT_EQ(render("{{ macros.ds_add('2024-02-28', 2) }} {{ macros.ds_add(ds, -6) }} {{ macros.ds_format(ds, '%Y-%m-%d', "
                   "'%d/%m/%y') }}"),
            "2024-03-01 2024-04-30 06/05/24");
  EXPECT_EQ(render("{{ macros.ds_format_locale(ds, '%Y-%m-%d', \"EEE d MMM yy 'at' HH:mm\") }}"), "Mon 6 May 24 at 00:00");
  EXPECT_EQ(render("{{ macros.datetime_diff_for_humans(logical_date) }}, {{ macros.datetime_diff_for_humans(logical_date, "
                   "data_interval_start) }}"),
            "1 day ago, 1 day after");
  EXPECT_EQ(render("{{ macros.datetime.strptime('5.6.2024', '%d.%m.%Y') + macros.timedelta(hours=25) }}"),
            "2024-06-06 01:00:00");
  EXPECT_EQ(render("{{ macros.datetime.now() }} {{ macros.time.strftime('%Y', macros.time.gmtime(0)) }} {{ "
                   "macros.dateutil.parser.parse('2024-01-02').month }}"),
            "2024-05-07 00:00:00 1970 1");
  EXPECT_EQ(render("{{ macros.json.dumps({'a': [1]}) }} {{ macros.json.loads('[1, null]') }}"), "{\"a\": [1]} [1, None]");
  facts.seed = 7;
  const std::string first = render("{{ macros.random() }} {{ macros.uuid.uuid4() }} {{ macros.random() }}");
  EXPECT_EQ(render("{{ macros.random() }} {{ macros.uuid.uuid4() }} {{ macros.random() }}"), first);
  facts.seed = 8;
  EXPECT_NE(render("{{ macros.random() }} {{ macros.uuid.uuid4() }} {{ macros.random() }}"), first);
  facts.now.reset();
  EXPECT_THAT(error("{{ macros.datetime.now() }}"), HasSubstr("rendering has no clock"));
}

TEST_F(AirflowContextTest, AssetEventsAndCallbacks) {
  EXPECT_EQ(error("{{ exception }}"), "'exception' is undefined (the template, line 1)");
  facts.exception = "boom";
  facts.asset_events = Array{Object{{"asset", Object{{"name", "a"}, {"uri", "s3://a"}}},
                                    {"extra", Object{{"rows", 3}}},
                                    {"timestamp", "2024-05-06T00:00:00Z"}},
                             Object{{"asset", Object{{"name", "b"}, {"uri", "s3://b"}}}, {"extra", Object()}},
                             Object{{"asset", Object{{"name", "a"}, {"uri", "s3://a"}}}, {"extra", Object{{"rows", 4}}}}};
  EXPECT_EQ(render("{{ exception }} {% for asset, events in triggering_asset_events.items() %}{{ asset.uri }}:{{ events | "
                   "map(attribute='extra') | list }} {% endfor %}"),
            "boom s3://a:[{'rows': 3}, {'rows': 4}] s3://b:[{}] ");
  EXPECT_EQ(
      render("{{ (triggering_asset_events.values() | first | first).timestamp | ds }} {{ triggering_asset_events | length }}"),
      "2024-05-06 2");
}

Value asset_event(const std::string& name, int rows, Array aliases = {}) {
  return Object{{"asset", Object{{"name", name}, {"uri", "s3://" + name}, {"extra", Object{}}}},
                {"extra", Object{{"rows", rows}}},
                {"timestamp", "2024-05-06T00:00:00Z"},
                {"source_dag_id", "p"},
                {"source_run_id", "r7"},
                {"source_task_id", "load"},
                {"source_map_index", -1},
                {"source_aliases", std::move(aliases)}};
}

TEST_F(AirflowContextTest, TriggeringAssetEventsAreAskedForWhenTheyAreLookedAt) {
  facts.dag_id = "d";
  facts.run_id = "r1";
  facts.asset_events = Value();
  const Value question = Object{{"type", "GetDagRun"}, {"dag_id", "d"}, {"run_id", "r1"}};
  const auto outcome = Template("{{ triggering_asset_events | length }}", "x", std::make_shared<const Environment>())
                           .render(AirflowContext(facts, lookups));
  ASSERT_TRUE(std::holds_alternative<NotYet>(outcome));
  EXPECT_EQ(std::get<NotYet>(outcome).request, question_request(question));
  lookups.add(
      question_request(question),
      Object{{"type", "DagRunResult"},
             {"consumed_asset_events", Array{asset_event("a", 3, Array{Object{{"name", "files"}}}), asset_event("b", 4)}}});
  EXPECT_EQ(render("{{ triggering_asset_events | length }}"), "3") << "two assets and an alias";
  EXPECT_EQ(render("{{ triggering_asset_events.for_asset(uri='s3://b')[0].extra.rows }} "
                   "{{ triggering_asset_events.for_asset_alias(name='files')[0].asset.uri }} "
                   "{{ triggering_asset_events.for_asset(name='a', uri='s3://a')[0].source_task_id }}"),
            "4 s3://a load");
  EXPECT_THAT(error("{{ triggering_asset_events.for_asset(name='c') }}"),
              HasSubstr("c is none of the assets that triggered the run"));
  EXPECT_EQ(render("{{ dag_run.consumed_asset_events | length }}"), "2");
  lookups.add(question_request(Object{{"type", "GetDagRun"}, {"dag_id", "p"}, {"run_id", "r7"}}),
              Object{{"dag_id", "p"}, {"run_id", "r7"}, {"run_after", "2024-05-05T01:00:00Z"}});
  lookups.add(xcom_request({"p", "r7", "load", "return_value", -1, false}), 42);
  EXPECT_EQ(
      render("{% set event = triggering_asset_events.values() | first | first %}{{ event.source_dag_run.run_after | ds }} "
             "{{ event.source_task_instance.xcom_pull() }}"),
      "2024-05-05 42");
}

TEST_F(AirflowContextTest, InletEvents) {
  facts.inlets = Array{Object{{"__type", "asset"}, {"__var", Object{{"name", "a"}, {"uri", "s3://a"}}}},
                       Object{{"__type", "asset_alias"}, {"__var", Object{{"name", "files"}, {"group", "asset"}}}}};
  EXPECT_EQ(render("{{ inlets[0].uri }} {{ inlets[1].name }} {{ inlet_events | length }}"), "s3://a files 2");
  const Object all{{"type", "GetAssetEventByAsset"},
                   {"after", nullptr},
                   {"before", nullptr},
                   {"limit", nullptr},
                   {"ascending", true},
                   {"name", "a"},
                   {"uri", "s3://a"}};
  lookups.add(question_request(all), Object{{"asset_events", Array{asset_event("a", 1), asset_event("a", 2)}}});
  EXPECT_EQ(render("{{ inlet_events[0] | length }} {{ inlet_events[0][-1].extra.rows }} "
                   "{{ inlet_events.for_asset(uri='s3://a') | map(attribute='extra.rows') | list }} "
                   "{{ inlet_events[inlets[0]][0].timestamp | ds }}"),
            "2 2 [1, 2] 2024-05-06");
  Object newest{{"type", "GetAssetEventByAssetAlias"},
                {"after", "2024-01-01"},
                {"before", nullptr},
                {"limit", 1},
                {"ascending", false},
                {"alias_name", "files"}};
  lookups.add(question_request(newest), Object{{"asset_events", Array{asset_event("b", 9)}}});
  EXPECT_EQ(
      render("{{ inlet_events.for_asset_alias(name='files').after('2024-01-01').ascending(false).limit(1)[0].extra.rows }}"),
      "9");
  EXPECT_THAT(error("{{ inlet_events.for_asset(name='z') }}"), HasSubstr("is no inlet of the task"));
}

}  // namespace
}  // namespace venturi::templates
