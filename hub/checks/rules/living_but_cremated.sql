/*
id       = "D03"
title    = "Cremated, but living in the register (已火化但户籍状态正常)"
subject  = "person"
severity = "medium"
concerns = "source"
basis    = ["户口登记条例 第八条", "政务数据共享条例 第二十一条"]
needs    = ["public_security/population", "civil_affairs/cremation"]

[explanation]
zh = "民政火化记录已有该人，人口登记的管理状态仍为正常。火化当月及之后的登记可能尚未更新，不列入。请公安核对死亡登记，请民政核对身份证号；核实前不得据此停发待遇。"
en = "The cremations list a person whom the population register still calls living. Of the register's own month and later ones it may not be told yet: they are left out. The police checks the registration of the death, civil affairs the number; no benefit is stopped on this alone."

[[example]]
why    = "cremated in July, and in the register of October still living"
today  = 2026-11-21
person = [{ person = "Wang" }, { person = "Registered", status = "dead" }]
life_event = [
  { person = "Wang", kind = "cremation", happened_on = 2026-07-03 },
  { person = "Registered", kind = "cremation", happened_on = 2026-07-03 },
]
finds  = ["Wang/public_security/population"]

[[example]]
why    = "cremated within the month that the register speaks of: the death may be registered with the next"
today  = 2026-11-21
person = [{ person = "Wang" }]
life_event = [{ person = "Wang", kind = "cremation", happened_on = 2026-10-01 }]
finds  = []

[[example]]
why    = "whom the register does not have, it does not call living"
today  = 2026-11-21
person = [{ person = "Introduced", status = "introduced" }]
life_event = [{ person = "Introduced", kind = "cremation", happened_on = 2026-07-03 }]
finds   = []
unknown = ["Introduced/public_security/population"]
*/
select person.person_key as subject_key,
       person.person_key,
       'public_security/population' as matter,
       case when person.status = 'introduced' then 'UNKNOWN' else 'FOUND' end as verdict,
       case when person.status = 'introduced' then 'the population register does not have the person' end
           as unknown_because,
       cremated.cremated_on,
       cremated.life_event,
       person
from person
join (
    select person_key, max(happened_on) as cremated_on, array_agg(life_event) as life_event
    from life_event
    where kind = 'cremation' and happened_on < :period
    group by person_key
) as cremated on cremated.person_key = person.person_key
where person.status in ('normal', 'introduced');
