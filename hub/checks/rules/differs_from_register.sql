/*
id       = ["D01", "D02"]                  # D01 the name, D02 the sex or the birth date
title    = "Differs from the register (姓名、性别或出生日期与人口信息不一致)"
subject  = "person"
severity = "medium"
concerns = "source"
basis    = ["政务数据共享条例 第二十一条", "湖南省参保全覆盖核查口径：姓名与人口信息不符的列为疑点"]
needs    = ["public_security/population"]

[explanation]
zh = "同一身份证号，来源部门所报姓名、性别或出生日期与人口登记不同。请来源部门核对身份证号和姓名；有曾用名、更名的，以公安登记为准；出生日期影响领取待遇的年龄。因编码缺字（?）、脱敏、间隔号和空格造成的姓名差异不列入。"
en = "Of one ID number the delivery says another name, sex or birth date than the population register. The source checks the number and what it says; a birth date decides when a benefit begins. Lost or masked characters, dots and blanks are no difference."

[[example]]
why    = "two departments say otherwise of one person: the register's row and theirs are the evidence"
today  = 2026-11-21
person = [{ person = "Wang" }, { person = "Li" }, { person = "Zhao" }]
disagreement = [
  { person = "Wang", item = "name", register_batch = 1 },
  { person = "Li", item = "sex", register_batch = 1 },
  { person = "Zhao", item = "name", register_batch = 1 },
  { person = "Zhao", item = "birth_on", register_batch = 1 },
]
finds  = ["Wang/", "Li/", "Zhao/"]

[[example]]
why    = "everybody agrees"
today  = 2026-11-21
person = [{ person = "Wang" }, { person = "Li" }]
finds  = []

[[example]]
why    = "the register no longer has the person: there is nothing to hold the delivery against"
today  = 2026-11-21
person = [{ person = "Introduced", status = "introduced" }]
disagreement = [
  { person = "Gone", item = "name", register_batch = 1 },
  { person = "Introduced", item = "birth_on", register_batch = 1 },
]
finds   = []
unknown = ["Gone/", "Introduced/"]
*/
select differing.person_key as subject_key,
       differing.person_key,
       differing.matter,
       case when person.person_key is null then 'UNKNOWN' else 'FOUND' end as verdict,
       case when person.person_key is null then 'the population register no longer has the person' end
           as unknown_because,
       differing.items,
       differing.disagreement,
       person.person
from (
    select disagreement.person_key, coalesce(delivery.name, '') as matter,
           string_agg(distinct disagreement.item, ', ') as items,
           array_agg(disagreement) as disagreement
    from disagreement
    left join delivery on delivery.id = disagreement.delivery_id
    where disagreement.item in ('name', 'sex', 'birth_on')
    group by disagreement.person_key, delivery.name
) as differing
left join (
    select person_key, person from person where status <> 'introduced'
) as person on person.person_key = differing.person_key;
