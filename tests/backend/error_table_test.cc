#include "server/backend/error_table.h"

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chatgate {
namespace {

// The cells of each row of docs/errors.md.
std::vector<std::vector<std::string>> DocumentedRows() {
  std::ifstream file(CHATGATE_DOCS_DIR "/errors.md");
  std::vector<std::vector<std::string>> rows;
  std::string line;
  while (std::getline(file, line)) {
    if (!absl::StartsWith(line, "| `")) continue;
    std::vector<std::string> cells;
    for (const absl::string_view cell : absl::StrSplit(
             absl::StripPrefix(absl::StripSuffix(line, "|"), "|"), '|')) {
      cells.emplace_back(absl::StripAsciiWhitespace(cell));
    }
    rows.push_back(cells);
  }
  return rows;
}

TEST(ErrorTableTest, IsDocumentedRowByRow) {
  const auto documented = DocumentedRows();
  const std::vector<ErrorRow>& table = ErrorTable();
  ASSERT_EQ(documented.size(), table.size());
  for (size_t i = 0; i < table.size(); ++i) {
    const std::vector<std::string>& cells = documented[i];
    SCOPED_TRACE(cells[0]);
    ASSERT_EQ(cells.size(), 6u);
    EXPECT_EQ(cells[0], absl::StrCat("`", table[i].name, "`"));
    EXPECT_EQ(cells[1], absl::StatusCodeToString(table[i].code));
    EXPECT_EQ(cells[2], absl::StrCat(table[i].http_status));
    for (const std::string& cell : cells) EXPECT_FALSE(cell.empty());
  }
}

TEST(ErrorTableTest, HasEachNameOnce) {
  std::set<absl::string_view> names;
  for (const ErrorRow& row : ErrorTable()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(FindError(row.name), &row);
  }
}

TEST(ErrorTableTest, BeginsWithTheDefaultOfEachCode) {
  for (int code = 1; code <= 16; ++code) {
    const auto status_code = static_cast<absl::StatusCode>(code);
    ASSERT_NE(DefaultError(status_code), nullptr) << code;
    EXPECT_EQ(DefaultError(status_code), &ErrorTable()[code - 1]) << code;
  }
  EXPECT_EQ(DefaultError(absl::StatusCode::kOk), nullptr);
}

// The platform answers 400 for an unknown id, and 404 for an unknown method.
TEST(ErrorTableTest, MapsByNameNotByHttpStatus) {
  EXPECT_EQ(FindError("LookupError")->http_status, 400);
  EXPECT_EQ(FindError("LookupError")->code, absl::StatusCode::kNotFound);
  EXPECT_EQ(FindError("Error404")->code, absl::StatusCode::kUnimplemented);
}

TEST(ErrorTableTest, DoesNotKnowOtherNames) {
  EXPECT_EQ(FindError("lookuperror"), nullptr);
  EXPECT_EQ(FindError(""), nullptr);
}

}  // namespace
}  // namespace chatgate
