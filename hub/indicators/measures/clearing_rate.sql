/*
title      = "Findings cleared of those there were this year (动态清零率)"
unit       = "%"
numerator   = { zh = "月末已消除的疑点数", counts = "findings" }
denominator = { zh = "年初未消除或本年新发现的疑点数", counts = "findings" }
basis      = ["乌海政发〔2020〕17号 三"]

[explanation]
zh = "年初尚未消除和本年内新发现（含再次发现）的比对疑点中，月末已消除的比例；因数据缺失转为“待定”的视为未消除。依据比对结果的历史记录计算，不依赖当月数据。"
en = "Of the findings that were open when the year began or were opened (again) in it, the share cleared by the end of the month. One that became unknown for want of data is not cleared."
*/
select told.area, count(*) filter (where told.last_event = 'cleared') as numerator, count(*) as denominator
from (
    select finding.subject_key, finding.id, finding.area, last_of.event as last_event
    from finding
    join (
        select subject_key, finding_id,
               max(run_id) filter (where event_day < make_date(extract(year from :period)::integer, 1, 1)) as before,
               max(run_id) as last,
               bool_or(event_day >= make_date(extract(year from :period)::integer, 1, 1)
                       and event in ('opened', 'reopened')) as opened
        from (
            select subject_key, finding_id, run_id, event, (at at time zone 'Asia/Shanghai')::date as event_day
            from finding_event
        ) as dated
        where event_day < :data_until
        group by subject_key, finding_id
    ) as lived on lived.subject_key = finding.subject_key and lived.finding_id = finding.id
    join finding_event as last_of
        on last_of.subject_key = finding.subject_key and last_of.finding_id = finding.id
       and last_of.run_id = lived.last
    left join finding_event as before_of
        on before_of.subject_key = finding.subject_key and before_of.finding_id = finding.id
       and before_of.run_id = lived.before
    where lived.opened or before_of.event <> 'cleared'
) as told
group by told.area
