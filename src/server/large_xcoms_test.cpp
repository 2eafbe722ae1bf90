// XComs in files: what is in the metadata up to 500 bytes here, and up to 1,000 at all.
#include <gmock/gmock.h>

#include <fstream>

#include "server/testing/server_fixture.h"
#include "task/msgpack.h"

namespace venturi::server::testing {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class LargeXComsTest : public ServerTest {
 protected:
  LargeXComsTest() {
    connect_worker("w1");
    see(chain());
    run_ = trigger("d");
    token_ = receive("ExecuteTask").body.at("token");
  }

  Value address(const char* type, const std::string& key, std::int64_t map_index = -1) {
    return Object{{"type", type},
                  {"key", key},
                  {"dag_id", "d"},
                  {"run_id", run_.run_id},
                  {"task_id", "a"},
                  {"map_index", map_index},
                  {"include_prior_dates", false}};
  }
  std::int64_t begin_set(const std::string& key, const Value& value, std::int64_t map_index = -1) {
    Value body = address("SetXCom", key, map_index);
    body.as_object().set("value", value);
    return try_message(token_, ++seq_, std::move(body));
  }
  // As the worker sends what is large.
  std::int64_t begin_set_packed(const std::string& key, const Value& value) {
    Value body = address("SetXCom", key);
    body.as_object().set("value", value);
    return packed_message(token_, ++seq_, "SetXCom", task::pack(body));
  }
  void set(const std::string& key, const Value& value, std::int64_t map_index = -1) {
    const task::Frame answer = answer_to(begin_set(key, value, map_index));
    ASSERT_TRUE(answer.error.is_null()) << to_json(answer.error);
  }
  // What the worker would hand on.
  Value ask(Value body) {
    const task::Frame answer = answer_to(try_message(token_, 0, std::move(body)));
    if (!answer.error.is_null()) return answer.error;
    if (answer.body.get_string("type") != "PackedAnswer") return answer.body;
    ++packed_answers_;
    return task::decode_msgpack(answer.body.at("packed").as_string());
  }
  Value get(const std::string& key) { return ask(address("GetXCom", key)).at("value"); }
  Value item(const std::string& key, int n) {
    Value body = address("GetXCom", key);
    body.as_object().set("item", n);
    return ask(std::move(body)).at("value");
  }
  Value slice(const std::string& key, Value start = {}, Value stop = {}) {
    Value body = address("GetXComSequenceSlice", key);
    for (auto& [name, value] : {std::pair("start", start), std::pair("stop", stop), std::pair("step", Value())})
      body.as_object().set(name, value);
    return ask(std::move(body));
  }

  fs::path folder() const { return home_.xcoms() / "d" / run_.run_id; }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder(), none)) names.push_back(entry.path().filename().string());
    return names;
  }
  void wait_for_files(std::size_t n) {
    run_until([&] { return files().size() == n; }, std::to_string(n) + " files");
  }

  DagRun run_;
  Value token_;
  int packed_answers_ = 0;
  std::int64_t seq_ = 0;
};

const Value large = std::string(600, 'l');

Value large_list() {
  Array items;
  for (int i = 0; i < 100; ++i) items.push_back(Object{{"n", i}});
  return items;
}

TEST_F(LargeXComsTest, WhatIsTooLargeForTheMetadataIsAFileBehindTheSameCall) {
  set("small", "s");
  EXPECT_TRUE(files().empty());
  EXPECT_FALSE(fs::exists(home_.xcoms())) << "made at need";
  const auto id = begin_set("large", large);
  // Sent back to back with it: the success does not overtake it.
  const auto done = try_message(token_, ++seq_, success());
  EXPECT_TRUE(answer_to(id).error.is_null());
  EXPECT_TRUE(answer_to(done).error.is_null());
  EXPECT_EQ(rows(run_)[0].state, TaskState::success);

  ASSERT_EQ(files().size(), 1U);
  const std::string row = need(reader_->xcom({"d", run_.run_id, "a", -1, "large"})).value();
  EXPECT_EQ(row, "@" + files()[0]);
  std::ifstream file(folder() / files()[0], std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), task::pack(large)) << "verbatim";
  EXPECT_EQ(fs::status(folder() / files()[0]).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(get("large"), large);
  EXPECT_EQ(packed_answers_, 1);
  EXPECT_EQ(get("small"), Value("s"));
  EXPECT_EQ(get("none"), Value());
}

TEST_F(LargeXComsTest, TheWorkerSendsThemPackedAndTheLimitIsThatOfTheJsonToo) {
  EXPECT_TRUE(answer_to(begin_set_packed("text", "short")).error.is_null());
  EXPECT_EQ(need(reader_->xcom({"d", run_.run_id, "a", -1, "text"})), "\"short\"");
  // 400 bytes packed, 2,400 as JSON.
  const Value escaped = std::string(400, '\x01');
  EXPECT_TRUE(answer_to(begin_set_packed("escaped", escaped)).error.is_null());
  EXPECT_EQ(files().size(), 1U);
  EXPECT_EQ(get("escaped"), escaped);
  const auto rubbish = packed_message(token_, ++seq_, "SetXCom", "\xC1");
  EXPECT_THAT(to_json(answer_to(rubbish).error), HasSubstr("an XCom of 1 bytes cannot be read"));
}

TEST_F(LargeXComsTest, AFileGoesWhenItsValueIsReplacedOrDeleted) {
  set("k", large);
  const auto first = files();
  set("k", Value(std::string(700, 'm')));
  run_until([&] { return files().size() == 1 && files() != first; }, "the new file alone");
  EXPECT_EQ(get("k"), Value(std::string(700, 'm')));
  set("k", "small again");
  wait_for_files(0);
  set("k", large);
  wait_for_files(1);
  EXPECT_TRUE(answer_to(try_message(token_, ++seq_, address("DeleteXCom", "k"))).error.is_null());
  wait_for_files(0);
  EXPECT_EQ(get("k"), Value());
}

TEST_F(LargeXComsTest, OverTheSecondLimitTheTryFailsWithKeySizeAndLimit) {
  const auto id = begin_set("big", std::string(2000, 'x'));
  const auto done = try_message(token_, ++seq_, success());
  const std::string message =
      "XCom 'big' has 2003 bytes, more than the 1000 of [core] max_xcom_bytes: raise that, or write what is so large to a file "
      "of the run and return the file";
  EXPECT_EQ(answer_to(id).error.at("detail").get_string("message"), message);
  EXPECT_EQ(answer_to(done).error.at("detail").get_string("message"), message);
  settle();
  EXPECT_EQ(rows(run_)[0].state, TaskState::failed);
  EXPECT_EQ(rows(run_)[0].error, message);
  EXPECT_TRUE(files().empty());
}

TEST_F(LargeXComsTest, OfAListInAFileOneItemIsGivenAndOfADictAPair) {
  set("list", large_list());
  ASSERT_EQ(files().size(), 1U);
  EXPECT_EQ(item("list", 7), Value(Object{{"n", 7}}));
  EXPECT_EQ(item("list", 99), Value(Object{{"n", 99}}));
  EXPECT_EQ(item("list", 100), Value());
  fs::remove(folder() / files()[0]);
  EXPECT_EQ(item("list", 3), Value(Object{{"n", 3}})) << "it was read once";
  Object dict;
  for (int i = 0; i < 100; ++i) dict.add("key" + std::to_string(i), i);
  set("dict", dict);
  EXPECT_EQ(item("dict", 42), Value(Array{"key42", 42}));
}

TEST_F(LargeXComsTest, SequencesAndSlicesOfMappedTasksHaveBoth) {
  set("k", large, 0);
  set("k", "small", 1);
  set("k", large_list(), 2);
  EXPECT_EQ(slice("k").at("root"), Value(Array{large, "small", large_list()}));
  EXPECT_EQ(slice("k", -1).at("root"), Value(Array{large_list()}));
  EXPECT_EQ(slice("k", 1, 2).at("root"), Value(Array{"small"}));
  for (const auto& [at, value] : {std::pair(0, large), std::pair(1, Value("small")), std::pair(2, large_list())}) {
    Value body = address("GetXComSequenceItem", "k");
    body.as_object().set("offset", at);
    EXPECT_EQ(ask(std::move(body)).at("root"), value);
  }
  EXPECT_EQ(ask(address("GetXComCount", "k")).get_int("len"), 3);
}

// What all instances of a mapped task gave, however much that is: no answer is larger than a page and one value.
TEST_F(LargeXComsTest, SequencesComeInPages) {
  for (int i = 0; i < 5; ++i) set("k", i == 2 ? large : Value(std::string(40, 'a')), i);
  const auto page = [this](Value start, std::int64_t bytes) {
    Value body = address("GetXComSequenceSlice", "k");
    body.as_object().set("start", std::move(start));
    body.as_object().set("page_bytes", bytes);
    const Value answer = ask(std::move(body));
    return std::to_string(answer.at("root").as_array().size()) + " next " + to_json(answer.get_value("next"));
  };
  EXPECT_EQ(page({}, 100), "2 next 2");
  EXPECT_EQ(page(2, 100), "1 next 3") << "larger than a page, and in a file";
  EXPECT_EQ(page(3, 100), "2 next null");
  EXPECT_EQ(page({}, 10'000), "5 next null");
  EXPECT_EQ(page(5, 100), "0 next null");
}

TEST_F(LargeXComsTest, WhoSaysHowMuchItCanTakeIsNotGivenMore) {
  set("k", large, 0);
  for (const char* type : {"GetXCom", "GetXComSequenceSlice"}) {
    Value body = address(type, "k", 0);
    body.as_object().set("max_bytes", 100);
    const Value answer = ask(std::move(body));
    EXPECT_EQ(answer.get_string("error"), "XCOM_TOO_LARGE");
    EXPECT_EQ(
        answer.at("detail").get_string("message"),
        "XCom 'k' of task a has 603 bytes, more than the 100 that can be read here: read it in a task in C++ or Python, or "
        "hand on a file of the run");
  }
}

TEST_F(LargeXComsTest, AFileThatIsGoneIsNamed) {
  set("k", large);
  const std::string path = (folder() / files()[0]).string();
  fs::remove(path);
  EXPECT_THAT(ask(address("GetXCom", "k")).at("detail").get_string("message"),
              ::testing::AllOf(HasSubstr("cannot open the file"), HasSubstr(path)));
}

TEST_F(LargeXComsTest, ADiskThatTakesNothingHoldsTheTryUpAndNobodyElse) {
  std::ofstream(home_.xcoms()) << "in the way";
  const auto id = begin_set("k", large);
  const auto done = try_message(token_, ++seq_, success());
  const DagRun other = trigger("d");  // goes on meanwhile
  EXPECT_EQ(rows(other).size(), 2U);
  EXPECT_NE(rows(run_)[0].state, TaskState::success);
  fs::remove(home_.xcoms());
  EXPECT_TRUE(answer_to(id).error.is_null());
  EXPECT_TRUE(answer_to(done).error.is_null());
  EXPECT_EQ(get("k"), large);
}

TEST_F(LargeXComsTest, TheNextStartRemovesWhatNoRowRefersTo) {
  set("k", large);
  const auto kept = files();
  std::ofstream(folder() / "0123456789abcdef") << "of a crash";
  fs::create_directories(home_.xcoms() / "d" / "deleted_run");
  std::ofstream(home_.xcoms() / "d" / "deleted_run" / "0123456789abcdef") << "of a crash";
  fs::create_directories(home_.xcoms() / "deleted_dag" / "run");
  restart();
  run_until([&] { return files().size() == 1 && !fs::exists(home_.xcoms() / "deleted_dag"); }, "the sweep");
  EXPECT_EQ(files(), kept);
  EXPECT_FALSE(fs::exists(home_.xcoms() / "d" / "deleted_run"));
  connect_worker("w1", {}, "running");
  receive("ServerHello");
  EXPECT_EQ(get("k"), large);
  set("k", "small");
  wait_for_files(0);
}

}  // namespace
}  // namespace venturi::server::testing
