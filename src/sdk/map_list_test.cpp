// Lists that are joined, filled and changed by functions: how they are described, what is asked for them, and what tasks get.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "sdk/serialize.h"
#include "sdk/testing/try_of.h"
#include "venturi/dag.h"
#include "venturi/own_operator.h"

namespace venturi {

struct Copied {
  std::string from, to;
};
VENTURI_STRUCT(Copied, from, to);
struct Archive {
  Field<std::string> from{};
  std::string to = "-";
  std::string execute(const Context&) const { return *from + ">" + to; }
};
VENTURI_STRUCT(Archive, from, to);

namespace {

using internal::serialize_task;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> list() {
  return {};
}
std::int64_t measure(const std::string& file) {
  return static_cast<std::int64_t>(file.size());
}
Copied to_copy(const std::string& file) {
  if (file == "b") skip_task("not b");
  return {file, "x/" + file};
}
std::string both(const std::string& file, std::int64_t size) {
  return file + std::to_string(size);
}
std::string twice(const std::string& text) {
  return text + text;
}
std::string show(const Copied& copied) {
  return copied.from + "," + copied.to;
}

class MapListTest : public testing::Test {
 protected:
  std::vector<std::string> mistakes() {
    detail::DagNode& node = *bag_.state().find("d");
    internal::connect_groups(node);
    internal::check_dag(node);
    return node.mistakes;
  }
  static std::string var_of(const TaskRef& task, const char* key) {
    return to_json(serialize_task(task.node()).at("__var").get_value(key));
  }
  // The XComs "list" = ["a","b","c"], "measure" of instances = 1, 2; null of others.
  static Value answer(const Value& request) {
    const std::string type = request.get_string("type"), task = request.get_string("task_id");
    const Array list{Value("a"), Value("b"), Value("c")}, sizes{Value(1), Value(2)};
    if (type == "GetXComSequenceSlice") return Object{{"root", sizes}};
    if (type != "GetXCom") return {};
    if (task == "measure") return Object{{"value", sizes.at(static_cast<std::size_t>(request.get_int("map_index")))}};
    if (task != "list") return {};
    const Value* item = request.get("item");
    return Object{{"value", item == nullptr ? Value(list) : list.at(static_cast<std::size_t>(item->as_int()))}};
  }
  internal::Try run(const TaskRef& task, int map_index, std::vector<std::int64_t> items = {}) const {
    internal::TryOptions options;
    options.map_index = map_index;
    options.items = std::move(items);
    return internal::try_of(bag_, "d", task.task_id(), options,
                            [](const Value& request) { return internal::Answer{.body = answer(request), .error = {}}; });
  }
  // With the server's items, and without them as under a stock Airflow: the same.
  std::string result(const TaskRef& task, int map_index, std::vector<std::int64_t> items = {}) const {
    const std::string alone = to_json(run(task, map_index).xcom("return_value"));
    const std::string told = to_json(run(task, map_index, std::move(items)).xcom("return_value"));
    return alone == told ? alone : alone + " and " + told;
  }
  std::size_t questions(const internal::Try& run) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        run.requests, [](const Value& request) { return request.get_string("type").starts_with("GetXCom"); }));
  }
  DagBag bag_;
  Dag dag_ = bag_.add("d", {});
  Output<std::vector<std::string>> files_ = dag_.task<list>();
  Mapped<std::int64_t> sizes_ = dag_.task<measure>()(expand(files_));
};

TEST_F(MapListTest, AreDescribedAsAirflows) {
  const auto copy = dag_.task<show>()(expand(concat(files_, expand({"z"})).map<to_copy>()));
  EXPECT_THAT(mistakes(), IsEmpty());
  EXPECT_EQ(
      var_of(copy, "expand_input"),
      R"({"type":"dict-of-lists","value":{"__type":"dict","__var":{"0":{"__type":"xcomref","__var":{"type":"map","arg":)"
      R"({"__type":"xcomref","__var":{"type":"concat","args":[{"__type":"xcomref","__var":{"task_id":"list","key":"return_value"}},["z"]]}},)"
      R"("callables":["to_copy"]}}}}})");
  EXPECT_EQ(var_of(files_, "downstream_task_ids"), R"(["measure","show"])");
  auto [a, b] = zip(files_, sizes_).fillvalue("none", 0);
  EXPECT_THAT(var_of(dag_.task<both>()(a, b), "expand_input"), HasSubstr(R"("fillvalue":null,"fillvalues":["none",0])"));
  auto [c, d] = zip(files_, files_).fillvalue("none");
  const auto same = dag_.task("same", [](const std::string&, const std::string&) {})(c, d);
  EXPECT_THAT(var_of(same, "expand_input"), HasSubstr(R"(}}],"fillvalue":"none"}})")) << "one value, as Airflow has it";
}

TEST_F(MapListTest, FunctionsChangeItems) {
  const auto copy = dag_.task<show>()(expand(files_.map<to_copy>()));
  EXPECT_EQ(result(copy, 0, {0}), R"("a,x/a")");
  const internal::Try skipped = run(copy, 1, {1});
  EXPECT_EQ(skipped.requests.back().get_string("state"), "skipped") << "as Airflow's AirflowSkipException";
  EXPECT_THAT(skipped.log.back().get_string("reason"), "not b");
  const auto labels = zip(files_, sizes_).map<both>().map<twice>().map([n = 3](const std::string& s) { return s.size() * n; });
  EXPECT_EQ(result(dag_.task("chained", [](std::uint64_t n) { return n; })(expand(labels)), 1, {1, 1}), "12");
}

TEST_F(MapListTest, AWholeListIsOneInput) {
  const auto all = dag_.task("all", [](const std::vector<std::string>& texts) { return texts; });
  EXPECT_EQ(result(all(concat(files_.map<twice>(), zip(files_, sizes_).map<both>(), std::vector<std::string>{"z"})), -1),
            R"(["aa","bb","cc","a1","b2","z"])");
  const auto copies = dag_.task("copies", [](const std::vector<Copied>& list) { return list.size(); })(files_.map<to_copy>());
  EXPECT_EQ(run(copies, -1).requests.back().get_string("state"), "skipped");
  const auto none = dag_.task("none", [](const std::vector<std::string>&) {})(concat(files_, dag_.task<list>("absent")));
  EXPECT_THAT(run(none, -1).requests.back().get_string("error"),
              "the result of absent is no list: there is none, since that task was skipped or returned nothing");
}

TEST_F(MapListTest, ItemsOfAMapAreItsKeysAndValues) {
  using Rates = std::map<std::string, int>;
  const auto rates = dag_.task("rates", [] { return Rates{}; });
  const auto each = dag_.task("each", [](const std::string& text) { return text; })(
      expand(rates.map([](const Value& rate) { return rate.as_array().at(0).as_string(); })));
  internal::TryOptions options;
  options.map_index = 1;
  const auto told = internal::try_of(bag_, "d", "each", options, [](const Value& request) {
    if (request.get_string("type") != "GetXCom") return internal::Answer{};
    return internal::Answer{.body = Object{{"value", Object{{"EUR", 1}, {"USD", 2}}}}, .error = {}};
  });
  EXPECT_EQ(told.xcom("return_value"), Value("USD"));
  (void)each;
}

TEST_F(MapListTest, ConcatenatedListsFollowEachOther) {
  const auto each = dag_.task(
      "each", [](const std::string& s) { return s; })(expand(concat(files_, std::vector<std::string>{"y", "z"}, files_)));
  EXPECT_EQ(result(each, 2, {2, -1, -1}), R"("c")");
  EXPECT_EQ(result(each, 4, {-1, 1, -1}), R"("z")");
  EXPECT_EQ(result(each, 5, {-1, -1, 0}), R"("a")");
  EXPECT_EQ(questions(run(each, 4, {-1, 1, -1})), 0u) << "what its item is not of is not asked for";
}

TEST_F(MapListTest, AZipIsFilledToItsLongest) {
  const auto shortest = zip(files_, sizes_);
  const auto pair = dag_.task("pair", [](const std::string& f, std::int64_t n) { return f + std::to_string(n); });
  EXPECT_EQ(result(pair(shortest.get<0>(), shortest.get<1>()), 1, {1, 1}), R"("b2")");
  const auto filled = zip(files_, sizes_).fillvalue("none", 7);
  const auto filled_pair = dag_.task("filled", [](const std::string& f, std::int64_t n) { return f + std::to_string(n); })(
      filled.get<0>(), filled.get<1>());
  EXPECT_EQ(result(filled_pair, 2, {2, -1}), R"("c7")");
  const auto optional = zip(files_, sizes_).fillvalue(std::nullopt);
  const auto both_optional = dag_.task("both", [](const std::optional<std::string>& f, const std::optional<std::int64_t>& n) {
    return f.value_or("-") + (n ? "yes" : "no");
  })(optional.get<0>(), optional.get<1>());
  EXPECT_EQ(result(both_optional, 2, {2, -1}), R"("cno")");
  EXPECT_EQ(result(dag_.task<twice>()(expand(zip(files_, sizes_).fillvalue("none", 7).map<both>())), 2, {2, -1}), R"("c7c7")");
}

TEST_F(MapListTest, AZipMayHaveAnyNumberOfLists) {
  auto [file, size, letter, number, whole] =
      zip(files_, sizes_, expand({"x", "y", "z"}), expand({10, 20, 30}), std::vector<std::string>{"v", "w", "u"})
          .fillvalue("none", 7, "-", 0, "");
  const auto joined =
      dag_.task("joined", [](const std::string& f, std::int64_t s, const std::string& l, int n, const std::string& w) {
        return f + std::to_string(s) + l + std::to_string(n) + w;
      })(file, size, letter, number, whole);
  EXPECT_THAT(mistakes(), IsEmpty());
  EXPECT_EQ(result(joined, 2, {2, -1, 2, 2, 2}), R"("c7z30u")");
  const auto texts = zip(files_, files_, files_, files_)
                         .map([](const std::string& a, const std::string& b, const std::string& c, const std::string& d) {
                           return a + b + c + d;
                         });
  EXPECT_EQ(result(dag_.task("four", [](const std::string& text) { return text; })(expand(texts)), 1, {1, 1, 1, 1}),
            R"("bbbb")");
  const auto none = zip(files_, sizes_, sizes_, sizes_).fillvalue(std::nullopt);
  static_assert(std::tuple_size_v<decltype(none)> == 4);
  static_assert(std::same_as<std::tuple_element_t<3, decltype(none)>::Item, std::optional<std::int64_t>>);
}

// With what the server says, each instance asks for its own items only, however many lists are combined.
TEST_F(MapListTest, OfAProductOnlyTheOwnItemsAreAskedFor) {
  const auto each = dag_.task("each", [](const std::string& f, std::int64_t n) { return f + std::to_string(n); })(
      expand(files_), expand(sizes_));
  EXPECT_EQ(result(each, 3, {1, 1}), R"("b2")");
  const internal::Try told = run(each, 3, {1, 1});
  EXPECT_EQ(told.request("GetXCom").get_int("item"), 1);
  EXPECT_EQ(told.requests.at(1).get_int("map_index"), 1) << "of the instance that gave it";
  EXPECT_EQ(questions(told), 2u);
}

TEST_F(MapListTest, WhatInstancesGaveComesInPages) {
  const auto sum = dag_.task("sum", [](const std::vector<std::int64_t>& all) { return all; })(sizes_);
  internal::TryOptions options;
  std::vector<std::string> starts;
  const auto told = internal::try_of(bag_, "d", "sum", options, [&](const Value& request) {
    if (request.get_string("type") != "GetXComSequenceSlice") return internal::Answer{};
    starts.push_back(to_json(request.get_value("start")));
    const std::int64_t start = request.get_int("start");
    Object page{{"root", Array{Value(start), Value(start + 1)}}};
    if (start < 4) page.add("next", start + 2);
    return internal::Answer{.body = std::move(page), .error = {}};
  });
  EXPECT_EQ(to_json(told.xcom("return_value")), "[0,1,2,3,4,5]");
  EXPECT_THAT(starts, ElementsAre("null", "2", "4"));
  EXPECT_GT(told.request("GetXComSequenceSlice").get_int("page_bytes"), 0);
  (void)sum;
}

TEST_F(MapListTest, ExpandKwargsOfAFunctionGivesTheStruct) {
  const auto copy = dag_.task<show>().expand_kwargs(std::vector<Copied>{{"p", "q"}});
  EXPECT_EQ(result(copy, 0, {0}), R"("p,q")");
  using Texts = std::map<std::string, std::string>;
  const auto map =
      dag_.task("map", [](const Texts& texts) { return texts.at("k"); }).expand_kwargs(std::vector<Texts>{{{"k", "v"}}});
  EXPECT_EQ(result(map, 0, {0}), R"("v")");
}

TEST_F(MapListTest, OnesOwnOperatorIsMapped) {
  const auto archive = dag_.partial("archive", Archive{.to = "there"}).expand(&Archive::from, files_.map<twice>());
  EXPECT_EQ(result(archive, 1, {1}), R"("bb>there")");
  const auto kwargs = dag_.partial("kwargs", Archive{}).expand_kwargs(files_.map<to_copy>());
  EXPECT_EQ(result(kwargs, 0, {0}), R"("a>x/a")");
  EXPECT_THAT(var_of(kwargs, "expand_input"), HasSubstr(R"("type":"list-of-dicts")"));
  EXPECT_THAT(mistakes(), IsEmpty());
}

TEST_F(MapListTest, MistakesSayWhatToDo) {
  dag_.expand_group("g", [](TaskGroup& group, const MappedItem<std::string>& command) {
    group.add(BashOperator{.task_id = "run", .bash_command = command});
  })(files_.map<twice>());
  EXPECT_THAT(mistakes(),
              ElementsAre("task g.run: a built-in operator takes an item of map(), which only this program can compute: make a "
                          "task of the function, dag.task<function>()(expand(list)), and expand over its results"));
  const auto zipped = zip(files_, sizes_);
  EXPECT_THROW((void)concat(zipped.get<0>(), files_), std::invalid_argument);
}

TEST_F(MapListTest, InstancesHaveNames) {
  const auto named =
      dag_.task("named", [](const Context& context, const std::string& file) { context.set("file", file + "!"); },
                {.map_index_template = "{{ file }}"})(expand(files_));
  EXPECT_EQ(var_of(named, "map_index_template"), R"("{{ file }}")");
  std::vector<Value> calls;
  internal::TryOptions options;
  options.map_index = 0;
  options.items = {0};
  const auto told = internal::try_of(bag_, "d", "named", options, [&](const Value& request) {
    if (request.get_string("type") != "HostCall") return internal::Answer{.body = answer(request), .error = {}};
    calls.push_back(request.at("arguments"));
    return internal::Answer{.body = Object{{"value", calls.size() == 1 ? "" : "a!"}}, .error = {}};
  });
  ASSERT_EQ(calls.size(), 2u) << "before it runs, and after";
  EXPECT_EQ(calls.at(0).at("details").get("own"), nullptr);
  EXPECT_EQ(to_json(calls.at(1).at("details").at("own")), R"({"file":"a!"})");
  EXPECT_EQ(to_json(calls.at(1).at("operator").at("op_args")), R"(["a"])");
  EXPECT_EQ(told.requests.back().get_string("rendered_map_index"), "a!");
}

}  // namespace
}  // namespace venturi
