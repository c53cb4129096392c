"""Milestones in an admin as it comes: nobody is told, and the last save wins."""

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.urls import path

from lingang import urls
from tracker.models import Milestone

stock = admin.AdminSite()


@admin.register(Milestone, site=stock)
class StockMilestoneAdmin(ModelAdmin):
    fields = ("pledge", "order", "title_en", "title_zh", "original_due_precision")


urlpatterns = [path("admin/", stock.urls), *urls.urlpatterns]
handler404, handler500 = urls.handler404, urls.handler500
