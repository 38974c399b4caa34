"""The words by which pages speak of papers: addresses of papers, labels of their parts, titles.

Owns these vocabularies, for every format whose text is laid out for readers. Looks nothing up.
"""

import re
from enum import StrEnum

from newsletter import identity

# Where a paper has its page. A search for a title is our own mails' link where no page is known.
_ADDRESS = re.compile(
    r"(?:https?:)?//(?:[a-z0-9-]{1,30}\.)?(?:"
    r"arxiv\.org/(?:abs|pdf|html|format|ps)/|alphaxiv\.org/(?:abs|overview|pdf)/|ar5iv\.org/"
    r"|(?:huggingface\.co|hf\.co)/papers/\d|huggingface\.co/papers\?q=[^&\s]{9}"
    r"|doi\.org/10\.|openreview\.net/(?:forum|pdf)\?id=|aclanthology\.org/[A-Z\d]|aclweb\.org/anthology/[A-Z\d]"
    r"|dl\.acm\.org/doi/|ieee\.org/document/\d|proceedings\.mlr\.press/v\d|openaccess\.thecvf\.com/content"
    r"|(?:papers\.nips\.cc|proceedings\.neurips\.cc)/paper|ojs\.aaai\.org/index\.php/\w{1,20}/article"
    r"|link\.springer\.com/(?:article|chapter)/|nature\.com/articles/|semanticscholar\.org/paper/"
    r"|(?:bio|med)rxiv\.org/content/)",
    re.IGNORECASE,
)
# Citations in plain words: `arXiv:2402.02750`, `arXiv preprint arXiv:cs/0601001`.
_CITED = re.compile(r"\barxiv:\s?\S", re.IGNORECASE)
# What a link says that leads to a paper without naming it.
_POINTER = re.compile(
    r"\W{0,6}(?:(?:read|see|view|open|click|get|full|go|continue|check|download|learn|more|link|pdf|abs|abstract|arxiv"
    r"|html|paper|hf|huggingface|hugging|openreview|doi|acl|code|github|project|website|homepage|page|slides|video"
    r"|poster|blog|report|docs?|here|source|original|bibtex|alphaxiv|on|the|to|in|at|of|text|this|article|\d{4})\b\W{0,6}"
    r"){1,8}|.{0,30}(?:查看|详情|链接|主页|原文|地址|阅读|论文页|下载).{0,30}|\W{0,3}\d{4}\.\d{4,5}(?:v\d+)?\W{0,3}",
    re.IGNORECASE,
)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Characters. Of 73,332 titles the longest has 226.
LONGEST_TITLE = 300
_BLOG = re.compile(r"https?://|www\.|^\W*(?:by|authors?|abstract)\b[ :]", re.IGNORECASE)


class Part(StrEnum):
    """What a label says that its text is."""

    ABSTRACT = "abstract"  # the authors' own summary
    SUMMARY = "summary"  # somebody else's, today a model's
    AUTHORS = "authors"  # names
    DATE = "date"  # when it appeared
    KEYWORDS = "keywords"  # subjects, tags
    CATEGORIES = "categories"  # arXiv's
    LINK = "link"  # where to find it
    TITLE = "title"  # its name
    OTHER = "other"  # scores, venues, comments


_LABELS = {
    Part.ABSTRACT: "abstract|original abstract|paper abstract|abstract original|description",
    Part.SUMMARY: (
        "summary|tl dr|tldr|tl dr summary|ai summary|"
        "llm summary|ai generated summary|gpt summary|key points|highlights"
        "|key takeaways|takeaways|key insights|contributions|key contributions|main contributions|motivation"
        "|method"
        "|methods|methodology|result|results|conclusion|conclusions|overview|why it matters|in short"
        "|key innovation"
        "|content overview|insights|detailed explanation|summary of the paper|main idea"
        "|one sentence summary|analysis"
    ),
    Part.AUTHORS: "author|authors|by|author s",
    Part.DATE: (
        "date|published|publish date|published on|submitted|submitted on|published date|publication date|year"
    ),
    Part.KEYWORDS: "keyword|keywords|tag|tags|topic|topics|category|areas|key words",
    Part.CATEGORIES: "categories|subjects|arxiv categories|primary category|subject",
    Part.LINK: (
        "link|links|url|urls|pdf|arxiv|arxiv link|arxiv id|paper link|paper url|code|code link|github|project"
        "|doi|id"
        "|project page|homepage|html|hugging face|huggingface|hf|source|resources|website|repo|code url"
        "|repository"
    ),
    Part.TITLE: "title|paper title|paper|papers|name|paper name",
    Part.OTHER: (
        "comment|comments|venue|affiliation|affiliations|institution|institutions|organization|score|scores|upvotes"
        "|rating|votes|likes|stars|note|notes|conference|journal|publisher|citation|citations|relevance|recom|status"
    ),
}
_BY_LABEL = {name: part for part, names in _LABELS.items() for name in names.split("|")}
# Chinese labels, by the word that is in them; the first that fits counts.
_CHINESE = (
    (Part.TITLE, ("标题", "论文题目")),
    (Part.KEYWORDS, ("关键词", "标签")),
    (Part.AUTHORS, ("作者",)),
    (Part.OTHER, ("打分", "评分", "创新性", "实用性", "推荐度", "分类", "机构", "备注")),
    (Part.DATE, ("日期", "时间")),
    (Part.LINK, ("链接", "地址", "主页", "原文", "代码")),
    (Part.ABSTRACT, ("摘要",)),
    (
        Part.SUMMARY,
        ("工作", "亮点", "总结", "简述", "速览", "概述", "说明", "创新", "启示", "解读", "简介", "要点"),
    ),
)


def is_paper(address: str) -> bool:
    """Whether the address is a paper's page."""
    return _ADDRESS.match(address) is not None


def speaks_of_papers(text: str) -> bool:
    """Whether any address or citation of a paper stands in the text."""
    return bool(_ADDRESS.search(text) or _CITED.search(text))


def key(address: str) -> str:
    """What two addresses of one paper have in common."""
    found = identity.arxiv_id(address)
    return found.id if found else address.rstrip("/").casefold()


def part(label: str) -> Part | None:
    """What the label says; None where it is none that is known."""
    if _CJK.search(label):
        return next((part for part, words in _CHINESE if any(word in label for word in words)), None)
    return _BY_LABEL.get(" ".join(re.findall("[a-z]+", label.casefold())))


def is_cjk(text: str) -> bool:
    """Whether the text is written in Chinese, Japanese or Korean, names and terms in it aside."""
    return len(_CJK.findall(text)) * 4 > len(text)


def is_pointer(words: str) -> bool:
    """Whether a link says no more than that a paper is behind it: `PDF`, `Read more on arXiv`."""
    return len(words) < 100 and _POINTER.fullmatch(words.strip()) is not None


def is_title(words: str, *, least: int = 2) -> bool:
    """Whether the words can be a title: at least so many, no sentence, no address, no label, no pointer."""
    if not 6 <= len(words) <= LONGEST_TITLE or is_pointer(words) or part(words.rstrip(":：")):
        return False
    if (
        _BLOG.search(words)
        or words.endswith((":", "：", "。"))
        or (words.endswith(".") and len(words.split()) > 25)
    ):
        return False
    return len(_CJK.findall(words)) >= 6 or len(words.split()) >= least
