"""The words of the bench's record: texts of real length in both languages, the same for a seed.

What matters to a search is how often words occur. A few do everywhere, most hardly ever: the n-th
most frequent word has the weight 1/n (Zipf). Two phrases are planted to be rare.
"""

from itertools import accumulate, product
from random import Random

_STEMS = """
harbour plan build port trade data fund school water energy hydrogen green public health road rail
bridge market law court tax audit train teach craft design chip wafer sensor cloud signal bank bond
insure lease ship crane dock quay customs cargo freight tariff export import invest found launch
open reform pilot zone park campus housing rent care nurse clinic remedy vaccine forest river coast
tide wind solar grid battery charge storage carbon waste recycle repair map survey census record
archive museum library theatre sport youth elder migrant worker wage skill licence permit patent
brand standard measure method model robot vehicle drone aircraft engine turbine alloy polymer fibre
farm harvest seed orchard fish reef salt food safety fire flood rescue alarm shelter square tower
""".split()
_ENDINGS = ["", "s", "ed", "ing", "er", "ers", "able", "ment", "ive", "al", "ity", "ward", "wise"]
_STARTS = ["", "re", "co", "inter"]
_SMALL = """
the of and to in a for by with on from was is as at that it has been this which were its under
""".split()
_CHARACTERS = (
    "发展建设推进完成项目中心企业服务政策创新产业园区港口航运数据跨境金融投资开放制度改革管理平台"
    "技术研究人才教育医疗住房交通道路桥梁水务能源氢光伏储能碳排放环境绿色生态海洋渔农粮食安全应急"
    "消防法院仲裁税收审计监督标准认证专利品牌贸易出口进口关税物流仓库码头集装箱船舶飞机发动机芯片"
    "材料化学生物医药机器人汽车电池充电网络云计算通信卫星文化体育旅游博物馆图书社区养老儿童就业工资"
)

#: What hardly any entry says: an English phrase and a Chinese word of two characters.
RARE_EN, RARE_ZH = "lanternfish quayside", "鲸鲨"


class Words:
    """Texts from a vocabulary of several thousand words, by a random source."""

    def __init__(self, random: Random) -> None:
        self.random = random
        rare = [a + b + c for a, b, c in product(_STARTS, _STEMS, _ENDINGS)]
        pairs = [a + b for a, b in product(dict.fromkeys(_CHARACTERS), repeat=2)]
        shuffled = Random(7)  # The vocabulary is the same whatever the seed of the record.
        shuffled.shuffle(rare)
        shuffled.shuffle(pairs)
        self.english, self.chinese = [*_SMALL, *rare], pairs[:4000]
        self._english = list(accumulate(1 / n for n in range(1, len(self.english) + 1)))
        self._chinese = list(accumulate(1 / n for n in range(5, len(self.chinese) + 5)))

    def en(self, least: int, most: int) -> str:
        """A sentence of so many English words."""
        number = self.random.randint(least, most)
        text = " ".join(self.random.choices(self.english, cum_weights=self._english, k=number))
        return f"{text[0].upper()}{text[1:]}."

    def zh(self, least: int, most: int) -> str:
        """A sentence of so many Chinese words, of two characters each."""
        number = self.random.randint(least, most)
        text = "".join(self.random.choices(self.chinese, cum_weights=self._chinese, k=number))
        return f"{text}。"
