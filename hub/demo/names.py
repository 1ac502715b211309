"""What things are called in the synthetic city: people, streets, firms, divisions. Invented. No I/O."""

import polars as pl

from hub.demo.chance import Chance

AREAS = {
    "371082001": "崖头街道", "371082002": "城西街道", "371082003": "寻山街道", "371082004": "崂山街道",
    "371082005": "港湾街道", "371082006": "斥山街道", "371082007": "宁津街道", "371082008": "东山街道",
    "371082009": "王连街道", "371082010": "桃园街道", "371082100": "俚岛镇", "371082101": "成山镇",
    "371082102": "港西镇", "371082103": "埠柳镇", "371082104": "夏庄镇", "371082105": "崖西镇",
    "371082106": "荫子镇", "371082107": "大疃镇", "371082108": "上庄镇", "371082109": "虎山镇",
    "371082110": "人和镇", "371082111": "滕家镇", "371082400": "经济开发区", "371082401": "石岛管理区",
    "371082402": "好运角旅游度假区",
}  # fmt: skip
_URBAN = ("371082001", "371082002", "371082005", "371082006", "371082400", "371082401")
AREA_DRAW = tuple(AREAS) + _URBAN * 4  # town dwellers are more

ELSEWHERE = (
    "230103", "230229", "220102", "220381", "210211", "211224", "410325", "411322", "341226", "370683", "371321",
    "372922", "320925", "150302", "130430", "620522", "513427", "610430", "371002", "371081", "370632",
)  # fmt: skip

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟"
    "汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国春梅志文斌玲晓东海燕宁鹏辉雪琳佳慧子轩浩宇梓涵欣怡"
    "雨桐博思远晨曦诗琪俊熙泽楷安澜若溪景行云舟禾清源广成永福庆祥瑞荣振兴培德守信长青松柏"
)
_RARE = ("㛃", "䶮", "𠅤")  # in no GBK table
_MINORITY = (
    "阿依古丽", "买买提", "艾合买提", "古丽娜尔", "吐尔逊", "帕提古丽", "阿卜杜拉", "其其格", "巴特尔", "娜仁",
    "乌云", "扎西", "卓玛", "央金", "次仁", "索南",
)  # fmt: skip
_ROADS = (
    "成山大道", "河阳路", "青山路", "悦湖路", "文化路", "海湾路", "兴隆街", "观海路", "凤凰湖路", "府新路", "神道路",
    "渔港路",
)  # fmt: skip

_FIRM = (
    "海澜", "瑞丰", "东昇", "蓝岛", "鸿源", "百合", "泰和", "金港", "信达", "恒运", "盛洋", "宏泰", "华宇", "晨光",
    "润泽", "嘉禾", "天泽", "永固", "众合", "海纳",
)  # fmt: skip
_FIRM_SECOND = ("佳", "通", "达", "顺", "隆", "昌", "远", "诚", "旺", "丰", "润", "益")

#: What a business does: the word in its name, its code in GB/T 4754, and the name of that industry.
TRADES = (
    ("水产食品", "1362", "鱼糜制品及水产品干腌制加工"), ("海带养殖", "0411", "海水养殖"),
    ("船舶配件", "3734", "船用配套设备制造"),
    ("机械制造", "3499", "其他未列明通用设备制造业"), ("建筑工程", "4710", "住宅房屋建筑"),
    ("装饰工程", "5012", "住宅装饰和装修"),
    ("物流", "5431", "普通货物道路运输"), ("快递服务", "6020", "快递服务"), ("商贸", "5191", "贸易代理"),
    ("餐饮管理", "6210", "正餐服务"), ("酒店", "6110", "旅游饭店"), ("物业管理", "7020", "物业管理"),
    ("信息科技", "6510", "软件开发"), ("石材", "3032", "建筑用石加工"), ("人力资源", "7263", "劳务派遣服务"),
    ("煤业", "0610", "烟煤和无烟煤开采洗选"),
)  # fmt: skip
SOCIAL_TRADES = (
    ("养老服务中心", "8514", "老年人、残疾人养护服务"), ("幼儿园", "8310", "学前教育"),
    ("渔业协会", "9521", "专业性团体"),
    ("公益服务中心", "8529", "其他不提供住宿社会工作"),
)  # fmt: skip

PROJECTS = ("住宅小区", "学校教学楼", "渔港码头", "污水处理厂", "道路改造", "养老院", "标准厂房", "农贸市场")
TRADES_ON_SITE = ("钢筋工", "木工", "瓦工", "电工", "架子工", "普工")


def person_name(chance: Chance) -> pl.Expr:
    """By `pid` and `minority`. One person in 500 has a character that GBK lacks."""
    given = tuple(_GIVEN)
    second = pl.when(chance.happens(0.8, "name second")).then(chance.pick(given, "given 2")).otherwise(pl.lit(""))
    rare = chance.pick(_RARE, "rare")
    first = pl.when(chance.happens(0.002, "name rare")).then(rare).otherwise(chance.pick(given, "given 1"))
    dotted = pl.concat_str(chance.pick(_MINORITY, "minority 1"), pl.lit("·"), chance.pick(_MINORITY, "minority 2"))
    return (
        pl.when("minority")
        .then(dotted)
        .otherwise(pl.concat_str(chance.pick(tuple(_SURNAMES), "surname"), first, second))
    )


def address(chance: Chance, key: str = "pid") -> pl.Expr:
    """A street and a number in the row's `area`."""
    town = pl.col("area").replace_strict(AREAS, default="")
    number = (chance.below(380, "house", key) + 1).cast(pl.String)
    return pl.concat_str(pl.lit("山东省荣成市"), town, chance.pick(_ROADS, "road", key), number, pl.lit("号"))


def firm_name(chance: Chance) -> pl.Expr:
    """By `eid`, `kind` and `trade`. The number at the end keeps names apart and shows that they are invented."""
    core = pl.concat_str(
        chance.pick(_FIRM, "firm", "eid"), chance.pick(_FIRM_SECOND, "firm 2", "eid"), pl.col("eid").cast(pl.String)
    )
    ending = pl.col("kind").replace_strict(
        {
            "enterprise": "有限公司", "branch": "分公司", "individual_business": "经营部", "cooperative": "专业合作社",
            "social_organization": "", "public_institution": "事务中心",
        }
    )  # fmt: skip
    return pl.concat_str(pl.lit("荣成市"), core, "trade", ending)
