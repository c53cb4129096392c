"""All addresses: those of readers, and the desk's."""

from django.contrib import admin
from django.urls import path

from lingang.public_urls import handler404, handler500, readers

__all__ = ["handler404", "handler500", "urlpatterns"]

urlpatterns = [path("admin/", admin.site.urls), *readers]
